#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The examples for GitHub and GitLab, line by line as they stand, in a user land from nothing: a
# project that has lab/examples/my-client.yaml builds tcplab, installs it and runs its scenario.
#	ci.sh SUITE
. "$(dirname "$0")/matrix_common.sh"
examples=$source/lab/examples
failed=0

# script FILE - the lines of its job, one command each
script() {
	python3 -c '
import sys, yaml
data = yaml.safe_load(open(sys.argv[1]))
job = data.get("tcp-states") or next(iter(data["jobs"].values()))
for step in job.get("script") or [step["run"] for step in job["steps"] if "run" in step]:
    print(step)' "$examples/$1"
}

# project ROOT FOLDER - the project of somebody else, and a repository of tcplab to clone
project() {
	mkdir -p "$1/$2/scenarios" && cp "$examples"/my?client.* "$1/$2/scenarios/" &&
		rm -rf "$1/srv/tcplab" && mv "$1/home/user/tcplab" "$1/srv/tcplab" || return
}

# left ROOT FOLDER WHAT - what the run has to leave
left() {
	for file in out/my-client/report.html out/my-client/report.xml out/my-client/report.pcapng; do
		[ -s "$1/$2/$file" ] || {
			note "$3: no $file"
			failed=$((failed + 1))
		}
	done
}

# GitLab: as root, in an image that has next to nothing.
root=$("$here/root.sh" "$1" ci-gitlab) && project "$root" builds/mine || exit 1
# git has the tree to clone: what the checkout of a job would have
enter "$root" "apt-get -q update && apt-get -qy install git python3 && chown -R root: /srv/tcplab &&
	cd /srv/tcplab && git init -q &&
	git add -A && git -c user.name=t -c user.email=t@t commit -qm tree" || exit 1
enter "$root" "cd /builds/mine && set -x && export TCPLAB_REPOSITORY=/srv/tcplab &&
$(script gitlab-ci.yml)" || failed=$((failed + 1))
left "$root" builds/mine gitlab-ci.yml

# GitHub: a user with sudo; actions/checkout has brought both trees.
root=$("$here/root.sh" "$1" ci-github) && project "$root" home/user/mine || exit 1
mv "$root/srv/tcplab" "$root/home/user/mine/tcplab" && chown -R 1000:1000 "$root/home/user/mine" || exit 1
enter "$root" "apt-get -q update && apt-get -qy install python3" || exit 1
enter "$root" "cd /home/user/mine && exec setpriv --reuid=user --regid=user --init-groups env HOME=/home/user \
	GITHUB_STEP_SUMMARY=/home/user/summary LANG=C.UTF-8 sh -euxc '$(script github-actions.yml)'" ||
	failed=$((failed + 1))
left "$root" home/user/mine github-actions.yml
grep -q "My client closes" "$root/home/user/summary" || failed=$((failed + 1))

echo "2 passed, $failed failed"
[ "$failed" -eq 0 ]
