# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of modeseek's command lines in fish. The program knows what may follow (src/cli/completion.h).
function __modeseek_complete
    set -l given (commandline -opc)
    set -l word (commandline -ct)
    set -l before ''
    if string match -q -- '--*=*' $word # what is completed is the whole word
        set before (string replace -r '=.*' '=' -- $word)
        set -a given (string replace -r '=.*' '' -- $word)
        set word (string replace -r '^[^=]*=' '' -- $word)
    end
    for line in ($given[1] --complete $given[2..] "$word" 2>/dev/null)
        if string match -q -- \t'*' $line
            set -l suffix (string escape --style=regex -- (string trim -c \t -- $line))
            for file in (complete -C "__fish_command_without_completions $word" | string match -r ".*(?:/|$suffix)\$")
                echo $before$file
            end
        else
            echo $before$line
        end
    end
end
complete -c modeseek -f -a '(__modeseek_complete)'
