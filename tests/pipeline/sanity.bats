load helper

# Programs of which this one does something else.
instead_of() {
	rm -rf fake
	mkdir fake
	ln -s "$(dirname "$(command -v hmm-score)")"/hmm-* fake
	rm "fake/$1"
	printf '#!/bin/sh\n%s\n' "$2" >"fake/$1"
	chmod +x "fake/$1"
	export HMM_BIN=$PWD/fake
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
	before=$(stat -c %Y out/bids.tsv)
	sanity --quick -o out | cmp - table.tsv
	[ "$(stat -c %Y out/bids.tsv)" = "$before" ]
	mkdir full && touch full/mine
	refuse 1 'full: not empty, and not of hypermm sanity' sanity --quick -o full
	[ -e full/mine ]
}

@test "sanity: every control is trained once" {
	sanity --small -o out >table.tsv
	[ "$(tail -n +11 table.tsv | cut -f 1,7,8 | tr '\t\n' '  ')" = 'true labels above ok permuted labels at ok marked noise above ok noise at ok presence by label above ok presence equal ok ' ]
	[ "$(find out/cells -name predictions.tsv | wc -l)" = 6 ]
	# what is there is not trained again; permuted labels are others
	find out/cells -name predictions.tsv -printf '%p %i\n' | sort >before
	sanity --small -o out | cmp - table.tsv
	find out/cells -name predictions.tsv -printf '%p %i\n' | sort | cmp - before
	labels() { cut -f 1,3 out/manifests/$1-*/1.tsv | tail -n +2 | sort -u; }
	[ "$(diff <(labels true-labels) <(labels permuted-labels) | grep -c '^<')" -gt 8 ]
	diff <(labels true-labels | cut -f 2 | sort | uniq -c) <(labels permuted-labels | cut -f 2 | sort | uniq -c)
	# presence has an image of its own for everybody, and all are the same
	[ "$(cut -f 6 out/manifests/presence-????????/1.tsv | sort | uniq -d | wc -l)" = 0 ]
	[ "$(awk -F'\t' 'NR > 1 { print $NF }' out/same.features.tsv | sort -u | wc -l)" = 2 ]
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
	refuse 2 "^sanity: unknown option '--other'" sanity --other
	refuse 2 '^sanity: -o: wants DIR' sanity -o
	refuse 2 "^sanity: --seed: found 'x'" sanity -s x
	sanity --help | head -n 1 | grep -q '^usage: hypermm sanity'
}
