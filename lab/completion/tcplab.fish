# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for tcplab; tests/completion.py holds it against what the program takes.

complete -c tcplab -n __fish_use_subcommand -f -a run -d 'run scenarios; redis/walkthrough when none is named'
complete -c tcplab -n __fish_use_subcommand -f -a step -d 'the same, stopping at every segment to ask what to do with it'
complete -c tcplab -n __fish_use_subcommand -f -a list -d 'the scenarios that come with tcplab'
complete -c tcplab -n __fish_use_subcommand -f -a check -d 'look for mistakes in scenarios, run nothing'
complete -c tcplab -n __fish_use_subcommand -f -a new -d 'write a scenario to begin with; what is there is left alone'
complete -c tcplab -n __fish_use_subcommand -f -a report -d 'what a saved run found, as the run itself told it'
complete -c tcplab -n __fish_use_subcommand -f -a explain -d 'a state, segment, error, option, setting or arrow, in any spelling'
complete -c tcplab -n __fish_use_subcommand -f -a coverage -d 'run all, or read saved runs: which arrows were shown'
complete -c tcplab -n __fish_use_subcommand -f -a snap -d 'your own host: sockets by state, process and other end, and what looks wrong'
complete -c tcplab -n __fish_use_subcommand -f -a why -d 'what looks wrong on your own host, the evidence, what to do'
complete -c tcplab -n __fish_use_subcommand -f -a watch -d 'how the sockets of your own host change'
complete -c tcplab -n __fish_use_subcommand -f -a doctor -d 'what this host allows, and what to do about the rest'

# What stands behind a command.
complete -c tcplab -n '__fish_seen_subcommand_from run step' -F -a "(tcplab list 2>/dev/null | string replace -r ' .*' '')"
complete -c tcplab -n '__fish_seen_subcommand_from list doctor' -f
complete -c tcplab -n '__fish_seen_subcommand_from check new report coverage' -F
complete -c tcplab -n '__fish_seen_subcommand_from snap why' -f -a '(tcplab manual states 2>/dev/null)'
complete -c tcplab -n '__fish_seen_subcommand_from watch' -f -a '(tcplab manual states 2>/dev/null)'
complete -c tcplab -n '__fish_seen_subcommand_from explain' -f -a '(tcplab manual words 2>/dev/null)'

# Options, with the commands that take them.
complete -c tcplab -n '__fish_seen_subcommand_from run step coverage' -l mock -d 'let mock peers stand in for redis-server'
complete -c tcplab -n '__fish_seen_subcommand_from run step coverage' -l redis -r -f -a 'redis-server valkey-server' -d 'what every redis actor runs, such as valkey-server'
complete -c tcplab -n '__fish_seen_subcommand_from run' -l witness -r -f -d 'record what a shell command says of each table'
complete -c tcplab -n '__fish_seen_subcommand_from run step coverage' -l out -r -f -a '(__fish_complete_directories)' -d 'keep traces and reports there (out)'
complete -c tcplab -n '__fish_seen_subcommand_from run coverage' -l require -d 'a run this host does not support is an error, not a skip'
complete -c tcplab -n '__fish_seen_subcommand_from run' -l report -r -f -a '(__fish_complete_list , "printf %s\\n html md json junit tap pcapng")' -d 'which reports to save, with commas between (all): html, md, json, junit, tap, pcapng'
complete -c tcplab -n '__fish_seen_subcommand_from run step coverage' -l unsafe-files -d 'let programs write to files of the host as their user can'
complete -c tcplab -n '__fish_seen_subcommand_from run step coverage' -l unsafe-root -d 'let what root starts be root on the host, not nobody'
complete -c tcplab -n '__fish_seen_subcommand_from run' -l github -d 'annotations and a job summary, in a GitHub workflow'
complete -c tcplab -n '__fish_seen_subcommand_from run' -l all -d 'every scenario that comes with tcplab'
complete -c tcplab -n '__fish_seen_subcommand_from run' -l shard -r -f -d 'the I-th of N parts of them, by name, for CI'
complete -c tcplab -n '__fish_seen_subcommand_from run coverage' -l skip -r -f -a 'slow' -d 'leave out scenarios with this tag, such as slow'
complete -c tcplab -n '__fish_seen_subcommand_from run coverage' -l only -r -f -a 'slow' -d 'only scenarios with this tag'
complete -c tcplab -n '__fish_seen_subcommand_from run coverage' -l jobs -s j -r -f -d 'N scenarios at a time (one for each processor)'
complete -c tcplab -n '__fish_seen_subcommand_from run list report coverage snap why watch' -l json -d 'the JSON document on standard output, nothing else'
complete -c tcplab -n '__fish_seen_subcommand_from run step report explain coverage snap why watch' -l color -r -f -a 'auto always never' -d 'auto, always or never; NO_COLOR is heeded'
complete -c tcplab -n '__fish_seen_subcommand_from run check watch' -l quiet -s q -d 'only what went wrong'
complete -c tcplab -n '__fish_seen_subcommand_from run explain' -l verbose -s v -d 'in full, such as each event of a run as it happens'
complete -c tcplab -n 'not __fish_use_subcommand' -l help -s h -d 'this help'
complete -c tcplab -n 'not __fish_use_subcommand' -l version -d 'the version'
complete -c tcplab -n '__fish_seen_subcommand_from report' -l format -r -f -a 'text html md json junit github tap pcapng' -d 'how it is told: text, html, md, json, junit, github, tap, pcapng'
complete -c tcplab -n '__fish_seen_subcommand_from snap' -l rows -d 'the table as netstat has it, with age, process and meaning'
complete -c tcplab -n '__fish_seen_subcommand_from snap' -l listen -d 'listeners with their queues'
complete -c tcplab -n '__fish_seen_subcommand_from snap' -l bare -d 'of --rows the columns of netstat alone, as fast as can be'
complete -c tcplab -n '__fish_seen_subcommand_from snap why watch' -l pid -r -f -d 'look at the network namespace of this process'
complete -c tcplab -n '__fish_seen_subcommand_from watch' -l every -r -f -d 'so long from one look to the next (10s)'
complete -c tcplab -n '__fish_seen_subcommand_from watch' -l for -r -f -d 'so long, then end'
complete -c tcplab -n '__fish_seen_subcommand_from watch' -l fail-if -r -f -d 'end with status 1 when it comes true: CLOSE_WAIT > 100 for 60s'
complete -c tcplab -n '__fish_seen_subcommand_from watch' -l metrics -r -F -d 'keep OpenMetrics text there, for Prometheus'
