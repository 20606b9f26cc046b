/* Each asks `rtc complete`, which prints a line for each suggestion: the word, a tab, and what it is. Nothing that is typed
 * or suggested is evaluated by the shell, and no error reaches it. */

const BASH = `# rtc completion for bash: eval "$(rtc completion bash)"
_rtc() {
  local value description
  COMPREPLY=()
  while IFS=$'\\t' read -r value description; do
    printf -v value '%q' "$value"
    COMPREPLY+=("$value")
  done < <(command rtc complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _rtc rtc
`;

const ZSH = `#compdef rtc
# rtc completion for zsh, after compinit: eval "$(rtc completion zsh)"
_rtc() {
  local value description
  local -a found
  while IFS=$'\\t' read -r value description; do
    found+=("\${value//:/\\\\:}\${description:+:$description}")
  done < <(command rtc complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $#found )); then _describe rtc found; else _files; fi
}
if [[ "\${funcstack[1]}" == _rtc ]]; then _rtc "$@"; elif (( $+functions[compdef] )); then compdef _rtc rtc; fi
`;

const FISH = `# rtc completion for fish: rtc completion fish | source
function __rtc_complete
    set -l before (commandline -opc)
    set -l last (commandline -ct)
    command rtc complete -- $before[2..-1] "$last" 2>/dev/null
end
complete -c rtc -f -a '(__rtc_complete)'
complete -c rtc -l file -s f -rF
complete -c rtc -l output -s o -rF
`;

/** The script of each shell. */
export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
