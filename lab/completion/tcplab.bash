# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for tcplab; tests/completion.py holds it against what the program takes.
# shellcheck shell=bash disable=SC2207 # words without blanks
_tcplab()
{
	local cur=${COMP_WORDS[COMP_CWORD]} opt='' before='' values='' options='' words='' files=''

	COMPREPLY=()
	# readline takes "=" for a word of its own
	case $cur in
	=) opt=${COMP_WORDS[COMP_CWORD-1]} cur= ;;
	*) opt=${COMP_WORDS[COMP_CWORD-1]}
	   [ "$opt" != = ] || opt=${COMP_WORDS[COMP_CWORD-2]} ;;
	esac
	case $opt in
	--out)
		compopt -o filenames
		COMPREPLY=($(compgen -d -- "$cur"))
		return
		;;
	--format) values="text html md json junit github tap pcapng" ;;
	--report)
		values="html md json junit tap pcapng"
		case $cur in *,*) before=${cur%,*}, ;; esac
		;;
	--skip | --only) values="slow" ;;
	--color) values="auto always never" ;;
	--redis) values="redis-server valkey-server" ;;
	esac
	if [ -n "$values" ]; then
		COMPREPLY=($(compgen -P "$before" -W "$values" -- "${cur#"$before"}"))
		return
	fi
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "run step learn list check new report explain coverage book snap why watch doctor --help --version" -- "$cur"))
		return
	fi
	case ${COMP_WORDS[1]} in
	run) options="--mock --redis= --witness= --out= --require --report= --unsafe-files --unsafe-root --github --all --shard= --skip= --only= --jobs= --json --color= --quiet --verbose" ;;
	step) options="--mock --redis= --out= --unsafe-files --unsafe-root --predict --color=" ;;
	learn) options="--out=" ;;
	list) options="--out= --json" ;;
	check) options="--quiet" ;;
	report) options="--format= --json --color=" ;;
	explain) options="--color= --verbose" ;;
	coverage) options="--mock --redis= --out= --require --unsafe-files --unsafe-root --skip= --only= --jobs= --json --color=" ;;
	book) options="--out=" ;;
	snap) options="--rows --listen --bare --record= --all --pid= --json --color=" ;;
	why) options="--all --pid= --json --color=" ;;
	watch) options="--every= --for= --fail-if= --metrics= --record= --pid= --json --color= --quiet" ;;
	esac
	case ${COMP_WORDS[1]} in
	run | step) words=$(tcplab list 2>/dev/null | sed 's/ .*//') files='!*.yaml' ;;
	check | new | report | coverage) files='!*' ;;
	book) files='*' ;;
	explain) words=$(tcplab manual words 2>/dev/null) ;;
	snap | why | watch) words=$(tcplab manual states 2>/dev/null) ;;
	esac
	case $cur in
	-*)
		COMPREPLY=($(compgen -W "$options --help --version" -- "$cur"))
		[[ ${COMPREPLY-} != *= ]] || compopt -o nospace
		;;
	*)
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
		[ -n "$files" ] || return
		# not for all: it has the "="of an option escaped
		compopt -o filenames
		COMPREPLY+=($(compgen -f -X "$files" -- "$cur") $(compgen -d -- "$cur"))
		;;
	esac
}
complete -F _tcplab tcplab
