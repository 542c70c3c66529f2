load helper

# A program of this name that is first on PATH, and what it does.
instead_of() {
	mkdir -p fake
	printf '#!/bin/sh\n%s\n' "$2" >"fake/$1"
	chmod +x "fake/$1"
	PATH=$PWD/fake:$PATH
}

verdict() { # CONTROL METRIC
	awk -F'\t' -v control="$1" -v metric="$2" '$1 == control && $2 == metric { print $NF }' table.tsv
}

@test "sanity: what needs no training is as it must be; a folder that is not empty" {
	sanity --quick -o out >table.tsv
	cmp table.tsv out/controls.tsv
	[ "$(head -n 1 table.tsv)" = "$(printf 'control\tmetric\tvalue\tlow\thigh\tchance\tmust\tverdict')" ]
	[ "$(wc -l <table.tsv)" = 10 ]
	[ "$(awk -F'\t' 'NF != 8' table.tsv | wc -l)" = 0 ]
	[ "$(tail -n +2 table.tsv | cut -f 8 | sort -u)" = ok ]
	[ "$(awk -F'\t' '$1 == "majority" && $2 == "auc" { print $3, $4, $5 }' table.tsv)" = '0.5 0.5 0.5' ]
	refuse 1 'out: not empty' sanity --quick -o out
}

@test "sanity: the same seed, the same table; others are as good" {
	sanity --quick -s 3 >a.tsv
	sanity --quick -s 3 >b.tsv
	cmp a.tsv b.tsv
	[ "$(tail -n +2 a.tsv | cut -f 8 | sort -u)" = ok ]
}

@test "sanity: an audit that sees nothing, or everywhere something, is found out" {
	instead_of hmm-check 'printf "check\tseverity\twhat\tfound\n"'
	! sanity --quick >table.tsv 2>err || return 1
	grep -q 'not all is as it must be' err
	[ "$(verdict 'planted leak' twin-splits)" = WRONG ]
	[ "$(verdict 'presence by label' findings)" = WRONG ]
	[ "$(verdict 'no leak' findings)" = ok ]
	instead_of hmm-check 'printf "check\tseverity\twhat\tfound\npresence\twarning\tx\tx\n"; exit 1'
	! sanity --quick >table.tsv 2>err || return 1
	[ "$(verdict 'no leak' status)" = WRONG ]
	[ "$(verdict 'no leak' findings)" = WRONG ]
	[ "$(verdict presence findings)" = WRONG ]
	[ "$(verdict 'presence by label' findings)" = ok ]
}

@test "sanity: scores that are not, and usage" {
	instead_of hmm-score 'printf "split\tmetric\tvalue\tlow\thigh\tn\ntest\tacc\tn/a\tn/a\tn/a\t9\ntest\tauc\t0.51\t0.4\t0.6\t9\n"'
	! sanity --quick >table.tsv 2>err || return 1
	[ "$(verdict majority acc)" = WRONG ]
	[ "$(verdict majority auc)" = WRONG ]
	refuse 2 '^usage: sanity' sanity --other
	refuse 2 '^usage: sanity' sanity -o
	[ "$(sanity --help | wc -l)" = 1 ]
}
