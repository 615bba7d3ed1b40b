# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion of modeseek's command lines in bash. The program knows what may follow (src/cli/completion.h).
_modeseek() {
    local word=${COMP_WORDS[COMP_CWORD]} words=() suffixes=() line
    for line in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        [ "$line" = = ] || words+=("$line") # bash takes --name=value apart
    done
    [ "$word" != = ] || { word='' && words+=(''); }
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        $'\t'*) suffixes+=("${line:1}") ;;
        '') ;;
        "$word"*) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done <<<"$("$1" --complete "${words[@]}" 2>/dev/null)"
    [[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
    [ ${#suffixes[@]} != 0 ] || return 0
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do
        [ -z "$line" ] || COMPREPLY+=("$line")
    done <<<"$(
        compgen -d -- "$word"
        for line in "${suffixes[@]}"; do compgen -f -X "!*$line" -- "$word"; done
    )"
}
complete -F _modeseek modeseek
