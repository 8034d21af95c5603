#!/usr/bin/env bash
# Make a virtual environment with the first Python 3.11 or newer that works; say what to install when none does.
set -euo pipefail
venv=${1:?usage: make_venv.sh FOLDER}
check='import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 11) else 1)'
for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
  if "$python" -c "$check" >/dev/null 2>&1; then
    "$python" -m venv "$venv"
    exit 0
  fi
done
cat >&2 <<'TEXT'
Python 3.11 이상을 찾지 못했어요. 우분투·데비안이라면 `sudo apt install python3 python3-venv`로 설치한 뒤 다시 실행해 주세요.
다른 곳에 설치되어 있다면 `make PYTHON=/경로/python3.11 run`처럼 알려 주세요.
No Python 3.11 or newer with the venv module was found. On Debian or Ubuntu: `sudo apt install python3 python3-venv`.
If it stands elsewhere: `make PYTHON=/path/to/python3.11 run`.
TEXT
exit 1
