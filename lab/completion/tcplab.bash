# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for tcplab; tests/completion.py holds it against what the program takes.
# shellcheck shell=bash disable=SC2207 # words without blanks
_tcplab()
{
	local cur=${COMP_WORDS[COMP_CWORD]} opt='' before='' options='' words='' files=''

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
	--format)
		COMPREPLY=($(compgen -P "$before" -W "text html md json junit github tap pcapng" -- "${cur#"$before"}"))
		return
		;;
	--report)
		case $cur in *,*) before=${cur%,*}, ;; esac
		COMPREPLY=($(compgen -P "$before" -W "html md json junit tap pcapng" -- "${cur#"$before"}"))
		return
		;;
	--skip)
		COMPREPLY=($(compgen -P "$before" -W "slow" -- "${cur#"$before"}"))
		return
		;;
	--only)
		COMPREPLY=($(compgen -P "$before" -W "slow" -- "${cur#"$before"}"))
		return
		;;
	--color)
		COMPREPLY=($(compgen -P "$before" -W "auto always never" -- "${cur#"$before"}"))
		return
		;;
	--redis)
		COMPREPLY=($(compgen -P "$before" -W "redis-server valkey-server" -- "${cur#"$before"}"))
		return
		;;
	esac
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "run step learn list check new report explain coverage book snap why watch doctor --help --version" -- "$cur"))
		return
	fi
	case ${COMP_WORDS[1]} in
	run)
		options="--mock --redis= --witness= --out= --require --report= --unsafe-files --unsafe-root --github --all --shard= --skip= --only= --jobs= --json --color= --quiet --verbose"
		words=$(tcplab list 2>/dev/null | sed 's/ .*//')
		files='!*.yaml'
		;;
	step)
		options="--mock --redis= --out= --unsafe-files --unsafe-root --predict --color="
		words=$(tcplab list 2>/dev/null | sed 's/ .*//')
		files='!*.yaml'
		;;
	learn)
		options="--out="
		;;
	list)
		options="--out= --json"
		;;
	check)
		options="--quiet"
		files='!*'
		;;
	new)
		files='!*'
		;;
	report)
		options="--format= --json --color="
		files='!*'
		;;
	explain)
		options="--color= --verbose"
		words=$(tcplab manual words 2>/dev/null)
		;;
	coverage)
		options="--mock --redis= --out= --require --unsafe-files --unsafe-root --skip= --only= --jobs= --json --color="
		files='!*'
		;;
	book)
		options="--out="
		files='*'
		;;
	snap)
		options="--rows --listen --bare --record= --all --pid= --json --color="
		words=$(tcplab manual states 2>/dev/null)
		;;
	why)
		options="--all --pid= --json --color="
		words=$(tcplab manual states 2>/dev/null)
		;;
	watch)
		options="--every= --for= --fail-if= --metrics= --record= --pid= --json --color= --quiet"
		words=$(tcplab manual states 2>/dev/null)
		;;
	doctor)
		:
		;;
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
