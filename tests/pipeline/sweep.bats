load helper

small_sweep() {
	sweep -o out -c cache -n 2 --step 0.4 -j 2 --condition '--epochs 1' --rho '--epochs 1' "$@" features.tsv
}

@test "sweep: all cells, the figure; a cell that is there is not made again" {
	command -v gnuplot >/dev/null || skip "no gnuplot"
	tiny_features
	small_sweep >table.tsv
	cmp table.tsv out/sweep.tsv
	[ -s out/sweep.svg ]
	[ -s out/sweep.png ]
	[ "$(head -n 1 table.tsv)" = "$(printf 'series\trate\tvalue\tlow\thigh\tn')" ]
	[ "$(cut -f 1 table.tsv | tail -n +2 | sort -u | wc -l)" = 4 ]
	[ "$(cut -f 2 table.tsv | tail -n +2 | sort | uniq -c | awk '{ print $1 "x" $2 }' | xargs)" = '4x0 4x0.4 4x0.8' ]
	# n is subjects; nothing missing is the same in all series
	[ "$(tail -n +2 table.tsv | cut -f 6 | sort -u)" = "$(awk -F'\t' '$5 == "test" { print $1 }' manifest.tsv | sort -u | wc -l)" ]
	[ "$(awk -F'\t' '$2 == 0 { print $3, $4, $5 }' table.tsv | sort -u | wc -l)" = 1 ]
	# 2 runs, once complete and 2 modalities, 2 rates, everywhere and in test
	[ "$(find out/cells -name predictions.tsv | wc -l)" = 18 ]

	# with the same model, the test alone loses a modality
	at() { echo "out/cells/$1"-????????/HyperMM-*/1/predictions.tsv; }
	complete=$(at complete)
	t1w() { awk -F'\t' '$3 == "test" && $7 ~ /T1w/' "$1" | wc -l; }
	[ "$(t1w "$(at T1w-missing-in-test-0-8)")" -lt "$(t1w "$complete")" ]
	# who keeps all modalities is told the same
	join <(awk -F'\t' '$3 == "test" { print $1 "_" $7, $6 }' "$complete") \
		<(awk -F'\t' '$3 == "test" { print $1 "_" $7, $6 }' "$(at T1w-missing-in-test-0-4)") >both
	[ -s both ]
	[ "$(awk '$2 != $3' both | wc -l)" = 0 ]
	# in train and val nothing is missing there, and something everywhere
	kept() { awk -F'\t' '$3 != "test" { print $1, $7 }' "$1"; }
	cmp <(kept "$complete") <(kept "$(at T1w-missing-in-test-0-8)")
	! cmp -s <(kept "$complete") <(kept "$(at T1w-missing-everywhere-0-8)") || return 1

	before=$(find out/cells -type f -printf '%p %i %T@\n' | sort)
	small_sweep >again.tsv
	cmp table.tsv again.tsv
	[ "$before" = "$(find out/cells -type f -printf '%p %i %T@\n' | sort)" ]
	find out/cells -name predictions.tsv -printf '%p %i\n' | grep -v T1w-missing-in-test | sort >before
	rm out/cells/T1w-missing-in-test-0-4-*/*/1/predictions.tsv
	rm -r out/cells/T1w-missing-in-test-0-8-*/*/2
	small_sweep -j 1 >resumed.tsv
	cmp table.tsv resumed.tsv
	find out/cells -name predictions.tsv -printf '%p %i\n' | grep -v T1w-missing-in-test | sort | cmp - before
	# a model that is another one predicts anew wherever it is the model
	touch out/cells/complete-*/*/1/predictions.tsv
	small_sweep >touched.tsv
	cmp table.tsv touched.tsv
	[ "$(find out/cells -name predictions.tsv -newer out/cells/complete-*/*/1/predictions.tsv -printf '%P\n' | cut -d / -f 1,3 | sort)" = \
		"$(cd out/cells && printf '%s/1\n' *-in-test-* | sort)" ]
}

@test "sweep: what it refuses" {
	printf 'subject\tlabel\n' >features.tsv
	refuse 2 '^sweep: want --output' sweep
	refuse 2 '^sweep: want --cache' sweep -o out features.tsv
	refuse 2 '^sweep: --weights: FEATURES has features' sweep -o out -w w -c cache features.tsv
	refuse 2 '^sweep: --cache goes with FEATURES' sweep -o out -c cache
	refuse 2 "^sweep: unknown option '-x'" sweep -x
	refuse 2 "found '0', want a whole number" sweep -o out -c cache -n 0 features.tsv
	refuse 2 "found 'x', want a share" sweep -o out -c cache --step x features.tsv
	refuse 1 'absent: cannot read' sweep -o out -c cache absent
	[ ! -e out ]
	refuse 1 'features.tsv: no modality in it' sweep -o out -c cache features.tsv
	mkdir full && touch full/mine
	refuse 1 'full: not empty, and not of hypermm sweep' sweep -o full -c cache features.tsv
}
