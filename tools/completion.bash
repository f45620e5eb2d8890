# SPDX-License-Identifier: BSD-2-Clause
# Completion of the bulkhead command for bash:
#
#	source tools/completion.bash
# shellcheck shell=bash

# The options of a command; of all of them before one is named.
_bulkhead_options() {
	local all='-I --color --help --version' machine='--image --offset'

	case $1 in
	check) echo "$all $machine --host --strict --format" ;;
	map) echo "$all $machine --host --svg" ;;
	guest-dts) echo "$all --host" ;;
	build) echo "$all $machine --host --strict -o --output --depfile --no-check" ;;
	run)
		echo "$all $machine --strict -o --output --dry-run --gic --cpu --smp --memory --disk --net"
		;;
	*) echo '--help --version' ;;
	esac
}

_bulkhead() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' file='' word

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		check | map | guest-dts | build | run | init) command=${command:-$word} ;;
		*.dts | *.dtb) file=$word ;;
		esac
	done
	COMPREPLY=()
	case $previous in
	--format) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current") ;;
	--color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current") ;;
	--host) mapfile -t COMPREPLY < <(compgen -f -X '!*.dt[bs]' -- "$current") ;;
	--gic) mapfile -t COMPREPLY < <(compgen -W '2 3' -- "$current") ;;
	--cpu | --smp | --memory | --offset) ;;
	-I) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
	--svg | --output | -o | --depfile | --disk | --image) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
	*)
		if [[ $current == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_bulkhead_options "$command")" -- "$current")
		elif [[ -z $command ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'check map guest-dts build run init' -- "$current")
		elif [[ -z $file ]]; then
			mapfile -t COMPREPLY < <(compgen -f -X '!*.dt[bs]' -- "$current")
			compopt -o filenames 2>/dev/null
		fi
		;;
	esac
}
complete -F _bulkhead bulkhead
