load helper

small_sweep() {
	sweep -o out -c cache -n 2 --step 0.4 -j 2 --condition '--epochs 1' --rho '--epochs 1' "$@" features.tsv
}

@test "sweep: all cells, the figure; a cell that is there is not made again" {
	command -v gnuplot >/dev/null || skip "no gnuplot"
	tiny_features
	small_sweep >table.tsv
	cmp table.tsv out/sweep.tsv
	[ -s out/sweep.svg ] && [ -s out/sweep.png ]
	[ "$(head -n 1 table.tsv)" = "$(printf 'series\trate\tvalue\tlow\thigh\tn')" ]
	[ "$(cut -f 1 table.tsv | tail -n +2 | sort -u | wc -l)" = 4 ]
	[ "$(cut -f 2 table.tsv | tail -n +2 | sort | uniq -c | awk '{ print $1 "x" $2 }' | xargs)" = '4x0 4x0.4 4x0.8' ]
	# n is subjects; nothing missing is the same in all series
	[ "$(tail -n +2 table.tsv | cut -f 6 | sort -u)" = "$(awk -F'\t' '$5 == "test" { print $1 }' manifest.tsv | sort -u | wc -l)" ]
	[ "$(awk -F'\t' '$2 == 0 { print $3, $4, $5 }' table.tsv | sort -u | wc -l)" = 1 ]
	# 2 runs, once complete and 2 modalities, 2 rates, everywhere and in test
	[ "$(find out/cells -type f | wc -l)" = 18 ]

	before=$(find out/cells out/models -type f -printf '%p %i %T@\n' | sort)
	small_sweep >again.tsv
	cmp table.tsv again.tsv
	[ "$before" = "$(find out/cells out/models -type f -printf '%p %i %T@\n' | sort)" ]
	rm -r out/cells/1 out/cells/2/test
	small_sweep -j 1 >resumed.tsv
	cmp table.tsv resumed.tsv
	refuse 1 'out: has cells of other features or options' small_sweep --setsum '-r max'
}

@test "sweep: with the same model, the test alone loses a modality" {
	command -v gnuplot >/dev/null || skip "no gnuplot"
	tiny_features
	small_sweep >/dev/null
	t1w() { awk -F'\t' '$3 == "test" && $7 ~ /T1w/' "$1" | wc -l; }
	[ "$(t1w out/cells/1/test/T1w/0.8.tsv)" -lt "$(t1w out/cells/1/complete.tsv)" ]
	# who keeps all modalities is told the same
	join <(awk -F'\t' '$3 == "test" { print $1 "_" $7, $6 }' out/cells/1/complete.tsv) \
		<(awk -F'\t' '$3 == "test" { print $1 "_" $7, $6 }' out/cells/1/test/T1w/0.4.tsv) >both
	[ -s both ]
	[ "$(awk '$2 != $3' both | wc -l)" = 0 ]
	# in train and val nothing is missing there, and something everywhere
	kept() { awk -F'\t' '$3 != "test" { print $1, $7 }' "$1"; }
	cmp <(kept out/cells/1/complete.tsv) <(kept out/cells/1/test/T1w/0.8.tsv)
	! cmp -s <(kept out/cells/1/complete.tsv) <(kept out/cells/1/all/T1w/0.8.tsv)
}

@test "sweep: what it refuses" {
	printf 'subject\tlabel\n' >features.tsv
	refuse 2 '^usage: sweep' sweep
	refuse 2 '^usage: sweep' sweep -o out features.tsv
	refuse 2 '^usage: sweep' sweep -o out -w w -c cache features.tsv
	refuse 1 "found '0', want a number of runs" sweep -o out -c cache -n 0 features.tsv
	refuse 1 "found 'x', want a share" sweep -o out -c cache --step x features.tsv
	refuse 1 'absent: cannot read' sweep -o out -c cache absent
	refuse 1 'no column modality' sweep -o out -c cache features.tsv
}
