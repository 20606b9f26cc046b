#!/bin/sh
# Creates what .github/workflows/rtc.yml needs in a GitHub repository: five environments, their variables and their secrets.
# Needs the GitHub CLI, logged in as an administrator of the repository. It can be run again: what is there is set to what
# the environment has now, and what is not set here stays as it is.
#
#   export PULUMI_BACKEND_URL=s3://acme-pulumi-state AWS_ROLE_TO_ASSUME=arn:aws:iam::… AWS_REGION=eu-central-1
#   export STAGING_LIVEKIT_URL=wss://staging.example.com PRODUCTION_LIVEKIT_URL=wss://livekit.example.com …
#   sh setup.sh --repo acme/rtc --dry-run
#
# A name is looked up with STAGING_ or PRODUCTION_ before it, then as it is. Previews and reviews have the values of their
# stack. Secrets go to gh on its standard input and are not printed.
set -eu

REQUIRED="PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE LIVEKIT_URL LIVEKIT_API_KEY LIVEKIT_API_SECRET"
VARIABLES="PULUMI_BACKEND_URL AWS_ROLE_TO_ASSUME AWS_REGION LIVEKIT_URL
  RTC_RECORDING_OUTPUT RTC_S3_REGION RTC_S3_ENDPOINT RTC_S3_FORCE_PATH_STYLE"
SECRETS="PULUMI_CONFIG_PASSPHRASE LIVEKIT_API_KEY LIVEKIT_API_SECRET RTC_S3_ACCESS_KEY_ID RTC_S3_SECRET_ACCESS_KEY"

usage() {
  echo "usage: sh setup.sh --repo <owner>/<name> [--dry-run]" >&2
  exit 2
}

repo=
dry_run=
while [ $# -gt 0 ]; do
  case $1 in
    --repo)
      [ $# -gt 1 ] || usage
      repo=$2
      shift
      ;;
    --dry-run) dry_run=yes ;;
    *) usage ;;
  esac
  shift
done
case $repo in
  */*) ;;
  *) usage ;;
esac

# The value of a name for a stack; the names are those above.
value() {
  eval "printf '%s' \"\${$1_$2:-\${$2:-}}\""
}

missing=
for stack in STAGING PRODUCTION; do
  for name in $REQUIRED; do
    [ -n "$(value "$stack" "$name")" ] || missing="$missing ${stack}_$name"
  done
done
if [ -n "$missing" ]; then
  echo "Not set, nor without the prefix:$missing. Nothing was changed." >&2
  exit 2
fi

# Why an address must not be a variable of the workflow, which runs on another machine; nothing where it can be one.
unusable() {
  case $1 in
    *://*:*@*) echo "has a password in it, and variables are not secret. Use one whose credentials are given otherwise" ;;
    file:*) echo "is a folder of this machine: each job would begin with an empty state. Use a bucket, or Pulumi Cloud" ;;
    *://localhost | *://localhost[:/?]* | *@localhost | *@localhost[:/?]* | *=localhost | *=localhost[:/\&]* | \
      *://127.[0-9]* | *@127.[0-9]* | *=127.[0-9]* | *://0.0.0.0* | *=0.0.0.0* | *://\[::1\]* | *@\[::1\]* | *=\[::1\]*)
      echo "is an address of this machine. Use one that GitHub's runner reaches" ;;
  esac
}

wrong=
for stack in STAGING PRODUCTION; do
  for name in PULUMI_BACKEND_URL LIVEKIT_URL RTC_S3_ENDPOINT; do
    reason=$(unusable "$(value "$stack" "$name")")
    [ -z "$reason" ] || wrong="$wrong
  ${stack}_$name $reason"
  done
done
if [ -n "$wrong" ]; then
  echo "The workflow runs on another machine, and cannot use:$wrong
Nothing was changed." >&2
  exit 2
fi

for pair in staging:STAGING staging-preview:STAGING review:STAGING production:PRODUCTION production-preview:PRODUCTION; do
  environment=${pair%:*}
  stack=${pair#*:}
  echo "environment $environment"
  # One that exists keeps its reviewers.
  if [ -z "$dry_run" ] && ! gh api --silent "repos/$repo/environments/$environment" 2> /dev/null; then
    gh api --silent --method PUT "repos/$repo/environments/$environment"
  fi
  for name in $VARIABLES; do
    given=$(value "$stack" "$name")
    [ -n "$given" ] || continue
    echo "  variable $name=$given"
    [ -n "$dry_run" ] || printf '%s' "$given" | gh variable set "$name" --repo "$repo" --env "$environment"
  done
  for name in $SECRETS; do
    given=$(value "$stack" "$name")
    [ -n "$given" ] || continue
    echo "  secret   $name"
    [ -n "$dry_run" ] || printf '%s' "$given" | gh secret set "$name" --repo "$repo" --env "$environment"
  done
done
if [ -n "$dry_run" ]; then echo "Nothing was changed: run it without --dry-run."; fi
