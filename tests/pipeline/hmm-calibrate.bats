load helper

table() {
	printf '%b\n' "$@"
}

# A table: `many SPLIT LABEL N LOGIT STEP MODALITIES [OBSERVED]` is N rows of as many subjects, whose
# logits go down or up from LOGIT.
header='subject\tsplit\tlabel\tlogit\tprobability\tmodalities\tobserved\tnote'
many() {
	awk -v split_="$1" -v label="$2" -v n="$3" -v logit="$4" -v step="$5" -v modalities="$6" -v observed="${7:-n/a}" 'BEGIN {
		for (i = 0; i < n; i++) {
			z = logit + i * step
			printf "%s-%s-%s-%d\t%s\t%s\t%.9g\t%.9g\t%s\t%s\ta b\n", split_, label, observed == "n/a" ? modalities : observed, i,
				split_, label, z, 1 / (1 + exp(-z)), modalities, observed
		}
	}'
}
# Ten patients of each label have A+B, and five A alone; all of them overlap a little.
study() {
	table "$header"
	many cal 0 10 -3 .5 A+B
	many cal 1 10 3 -.5 A+B
	many cal 0 10 -2 .25 A A+B
	many cal 1 10 2 -.25 A A+B
	many cal 0 5 -2 .6 A
	many cal 1 5 2 -.6 A
	many test 0 4 -2 1 A+B
	many test 1 4 2 -1 A+B
	many test 0 2 -2 1 A A+B
	many test 1 3 2 -2 A
}
# The cells of a column: cells FILE COLUMN
cells() {
	awk -F '\t' -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) at = i } { print $at }' "$1"
}

@test "known sets: the rank of each label, own where it suffices and else cut" {
	study >predictions
	hmm-calibrate --alpha .1 predictions >have 2>said
	# ten of a label: the tenth of them counts, logit 1.5 of 0 and -1.5 of 1
	awk -F '\t' 'NR > 1 && $2 == "test" && $7 == "n/a" {
		want = $6 == "A+B" ? ($4 <= 1.5 && $4 >= -1.5 ? "0+1" : $4 < 0 ? "0" : "1") : "0+1"
		by = $6 == "A+B" ? "own" : "cut"
		# fifteen of a label by cut: the fifteenth, .4 of 0 and -.4 of 1
		if ($6 == "A") want = $4 > .4 ? "1" : $4 < -.4 ? "0" : "0+1"
		print want "\t" by }' predictions >want
	awk -F '\t' '$2 == "test"' have | cut -f 10,11 >sets
	cmp sets want
	[ "$(sort -u sets | wc -l)" = 6 ]
	[ "$(awk -F '\t' '$2 == "cal"' have | cut -f 10,11 | sort -u)" = $'n/a\tn/a' ]
	grep -q 'predictions: split cal: 30 patients, 15 of label 1$' said
	grep -q 'pattern A: cut, 15 of label 0 and 15 of label 1$' said
	grep -q 'pattern A+B: own, 10 of label 0 and 10 of label 1$' said
	grep -q 'sets by own: 8, of which at least 90 % hold the label, of either label, whatever makes a modality missing$' said
	grep -q 'sets by cut: 3, .* if what is missing depends on the label alone$' said
	[ "$(hmm-calibrate -q predictions 2>&1 >again)" = "" ]
	cmp again have
}

@test "all columns and whole rows stay, in their order" {
	study >predictions
	awk -F '\t' 'NR == 1 || $7 == "n/a"' predictions >want
	hmm-calibrate -q predictions | tee full | cut -f 1-8 >have
	cmp have want
	head -n 1 full | cut -f 9- | cmp - <(table 'calibrated\tset\tset_by')
	# again: the columns are where they were
	{ cat full; awk -F '\t' -v OFS='\t' '$7 != "n/a" && NR > 1 { print $0, "n/a", "n/a", "n/a" }' predictions; } | hmm-calibrate -q >again
	cmp again full
	# whatever the order of the rows
	{ head -n 1 predictions; tail -n +2 predictions | shuf --random-source=predictions; } | hmm-calibrate -q | sort >other
	sort full | cmp - other
}

@test "rows without a label, and of other splits, are calibrated and have sets; train, val and cal have none" {
	{
		study
		table 'new\tn/a\tn/a\t0\t0.5\tA+B\tn/a\tx' 'far\thospital\t1\t0\t0.5\tA+B\tn/a\tx' \
			'old\ttrain\t1\t0\t0.5\tA+B\tn/a\tx' 'used\tval\t1\t0\t0.5\tC\tn/a\tx' 'odd\ttest\t1\t0\t0.5\tC\tn/a\tx'
	} >predictions
	hmm-calibrate predictions 2>said | tail -n 5 | cut -f 1,10,11 >have
	table 'new\t0+1\town' 'far\t0+1\town' 'old\tn/a\tn/a' 'used\tn/a\tn/a' 'odd\t0+1\ttoo-few' | cmp have -
	[ "$(hmm-calibrate -q predictions 2>/dev/null | cells - calibrated | grep -c n/a)" = 0 ]
	grep -q '^hmm-calibrate: warning: predictions: split cal: 1 set is both labels, for want of 9 patients of each label with their pattern$' said
}

@test "too few: both labels, and what to run" {
	study | awk -F '\t' 'NR == 1 || $7 == "n/a"' >predictions
	hmm-calibrate predictions >have 2>said
	[ "$(awk -F '\t' '$2 == "test" && $6 == "A"' have | cut -f 10,11 | sort -u)" = $'0+1\ttoo-few' ]
	grep -q 'pattern A: too-few, 5 of label 0 and 5 of label 1$' said
	grep -q 'warning: .* 3 sets are both labels, .*; those who have more would count with hmm-setsum --subsets all | hmm-rho$' said
	# those who have more stand for some alone when some of them have no row of it
	study | grep -v '^cal-0-A+B-0.*A+B	a b$' >some
	hmm-calibrate some 2>/dev/null | awk -F '\t' '$2 == "test" && $6 == "A"' | cut -f 11 | sort -u | cmp - <(echo too-few)
	# together five and five suffice
	hmm-calibrate --labels together predictions 2>said | awk -F '\t' '$2 == "test" && $6 == "A"' | cut -f 11 | sort -u | cmp - <(echo own)
	grep -q 'on average over the labels, whatever' said
	# 9 are enough for .1, and not for .09
	hmm-calibrate -q --alpha .09 predictions 2>/dev/null | cut -f 11 | sort -u | cmp - <(table n/a set_by too-few)
	hmm-calibrate --conformal all predictions 2>said | cut -f 11 | sort -u | cmp - <(table all n/a set_by)
	grep -q 'on average over the patterns' said
	study | hmm-calibrate -q --conformal own 2>/dev/null | cut -f 11 | sort -u | cmp - <(table n/a own set_by too-few)
	study | hmm-calibrate -q --conformal cut 2>/dev/null | cut -f 11 | sort -u | cmp - <(table cut n/a set_by)
}

@test "platt and temperature: the right value, and what cannot be" {
	study >predictions
	# symmetric: no intercept, and the slope of the whole sets alone
	hmm-calibrate predictions 2>said >have
	grep -qE 'logits become -?[0-9.]*(e-[0-9]*)? \+ [0-9.]* times themselves$' said
	read -r a b <<<"$(sed -n 's/.*become \([^ ]*\) + \([^ ]*\) times.*/\1 \2/p' said)"
	awk -F '\t' -v a="$a" -v b="$b" 'NR > 1 { d = $9 - 1 / (1 + exp(-a - b * $4)); if (d > 1e-5 || d < -1e-5) exit 1 }' have
	# the gradient vanishes with Platt's targets of 15 and 15
	awk -F '\t' 'NR > 1 && $2 == "cal" { e = $9 - ($3 ? 16 / 17 : 1 / 17); s += e; t += e * $4 } END { exit !(s * s < 1e-12 && t * t < 1e-12) }' have
	hmm-calibrate --method temperature predictions 2>said >have
	grep -qE 'split cal: temperature [0-9.]*$' said
	awk -F '\t' 'NR > 1 && $2 == "cal" { t += ($9 - $3) * $4 } END { exit !(t * t < 1e-12) }' have
	[ "$(awk -F '\t' '$4 == 0' have | cut -f 9 | sort -u)" = 0.5 ]
	# separable: a temperature is refused, Platt's targets hold
	{ table "$header"; many cal 0 12 -3 .2 A; many cal 1 12 3 -.2 A; many test 1 1 3 1 A; } >apart
	refuse 1 '^hmm-calibrate: apart: split cal: the sign of the logits tells all labels apart' hmm-calibrate -q --method temperature apart
	hmm-calibrate -q apart | awk -F '\t' 'NR > 1 && !($9 > 0 && $9 < 1) { exit 1 }'
	{ table "$header"; many cal 0 12 2 0 A; many cal 1 12 2 0 A; } >same
	refuse 1 'same: split cal: all logits are the same' hmm-calibrate -q same
	{ table "$header"; many cal 1 12 2 .1 A; } >one
	refuse 1 'one: split cal: 0 patients of label 0 and 12 of label 1, want some of each' hmm-calibrate -q one
	# a model that is worse than chance is turned round, and that is told
	{ table "$header"; many cal 0 12 2 -.3 A; many cal 1 12 -2 .3 A; } | hmm-calibrate 2>said >/dev/null
	grep -q 'warning: .*turn the order round$' said
}

@test "per pattern: own maps where the folds want them, else that of all" {
	{
		table "$header"
		# B is shifted by 4, and its map would ruin A
		for i in 1 2 3; do many cal 0 20 -3 ".2$i" A; many cal 1 20 3 "-.2$i" A; many cal 0 20 1 ".2$i" B; many cal 1 20 7 "-.2$i" B; done |
			awk -F '\t' -v OFS='\t' '{ $1 = $1 "-" NR; print }'
		table 'a\ttest\tn/a\t0\t0.5\tA\tn/a\tx' 'b\ttest\tn/a\t4\t0.5\tB\tn/a\tx' 'c\ttest\tn/a\t2\t0.5\tC\tn/a\tx'
	} >predictions
	hmm-calibrate --per-pattern predictions 2>said | tail -n 3 | cut -f 9 >have
	grep -q 'each pattern has a map of its own, with a ridge of 1$' said
	awk '{ p[NR] = $1 } END { exit !(p[1] > .4 && p[1] < .6 && p[2] > .4 && p[2] < .6) }' have
	hmm-calibrate -q predictions 2>/dev/null | tail -n 3 | cut -f 9 >all
	awk '{ p[NR] = $1 } END { exit !(p[1] < .42 && p[2] > .58) }' all
	[ "$(sed -n 3p have)" = "$(sed -n 3p all)" ] # nobody had C
	# of two alike, none of its own
	study | awk -F '\t' -v OFS='\t' 'NR > 1 && $7 == "n/a" && $2 == "cal" { $6 = ++n % 2 ? "A" : "B" } { print }' >alike
	hmm-calibrate --per-pattern alike 2>said >have
	grep -q 'all patterns have one map: none of their own did better$' said
	hmm-calibrate -q alike 2>/dev/null | cmp - have
}

@test "one row a patient is drawn, by the seed; each run is calibrated by itself" {
	study | awk -F '\t' -v OFS='\t' 'NR == 1 { print $0, "group"; next } { for (i = 1; i < 4; i++) { $4 += .1; print $1 "-" i, $2, $3, $4, 1 / (1 + exp(-$4)), $6, $7, $8, $1 } }' >predictions
	hmm-calibrate predictions >have 2>said
	grep -q 'split cal: 30 patients, 15 of label 1; of 90 rows one a patient is drawn$' said
	hmm-calibrate -q -s 0 predictions 2>/dev/null | cmp - have
	hmm-calibrate -q -s 1 predictions 2>/dev/null | cmp -s - have && false
	# also where a subject stands several times
	sed 's/-[123]\t/\t/' predictions >again
	{ head -n 1 again; tail -n +2 again | tac; } | hmm-calibrate -q 2>/dev/null | sort >other
	hmm-calibrate -q again 2>/dev/null | sort | cmp - other
	study | awk -F '\t' -v OFS='\t' 'NR == 1 { print $0, "run"; next } { print $0, 1; $4 = 3 * $4 + 1; $5 = 1 / (1 + exp(-$4)); print $0, 2 }' >runs
	hmm-calibrate --report report runs >have 2>said
	grep -q 'runs: run 2 split cal: 30 patients' said
	for run in 1 2; do
		awk -F '\t' -v run=$run 'NR == 1 || $9 == run' have | cut -f 1-8,10- >this
		awk -F '\t' -v run=$run 'NR == 1 || $9 == run' runs | cut -f 1-8 | hmm-calibrate -q 2>/dev/null | cmp - this
	done
	[ "$(tail -n +2 report | cut -f 1 | uniq | tr '\n' ' ')" = '1 2 ' ]
	table 'x\ttest\t0\t0\t.5\tA\tn/a\tx\t3' | cat runs - >more
	run hmm-calibrate -q more
	[ "$status" = 1 ]
	[[ "$output" == *'run 3 split cal: 0 patients of label 0 and 0 of label 1, want some of each' ]]
}

@test "without cal: val, with a warning; without either an error" {
	study | sed 's/\tcal\t/\tval\t/' >predictions
	hmm-calibrate predictions 2>said >have
	grep -q '^hmm-calibrate: warning: predictions: no labelled row of split cal: calibrating on val, which has chosen the model' said
	study | hmm-calibrate -q | cut -f 9- | cmp - <(cut -f 9- have)
	study | sed 's/\tcal\t/\ttrain\t/' >predictions
	refuse 1 'predictions: no labelled whole set of split cal, nor of val' hmm-calibrate -q predictions
	cut -f 1,3- predictions >no-split
	refuse 1 'no-split: no labelled whole set of split cal, nor of val' hmm-calibrate -q no-split
}

@test "the report counts what stands in the table" {
	study >predictions
	hmm-calibrate -q --report report predictions >have
	awk -F '\t' '$2 == "test" { n++; k += index($10, $3) > 0; size += $10 == "0+1" ? 2 : $10 != "none"; s += $10 == "0" || $10 == "1" }
		END { print n, k / n, size / n, s / n }' have >want
	[ "$(head -n 1 report)" = "$(table 'run\tsplit\tpattern\tlabel\tset_by\tn_cal\tn\tcovered\tlow\thigh\tmean_size\tsingletons\tempty')" ]
	awk -F '\t' 'NR == 2 { print $7, $8 + 0, $11 + 0, $12 + 0 }' report >got
	awk '{ for (i = 1; i <= 4; i++) { getline line <"got"; split(line, g, " "); d = $i - g[i]; if (d > 1e-5 || d < -1e-5) exit 1 } }' want || diff want got
	cut -f 2-7 report | tail -n +2 >counts
	table 'test\tall\tall\tn/a\tn/a\t11' 'test\tall\t0\tn/a\tn/a\t4' 'test\tall\t1\tn/a\tn/a\t7' 'test\tA\tall\tcut\t30\t3' 'test\tA\t1\tcut\t15\t3' \
		'test\tA+B\tall\town\t20\t8' 'test\tA+B\t0\town\t10\t4' 'test\tA+B\t1\town\t10\t4' | cmp - counts
	# Wilson's of 2 of 3
	awk -F '\t' '$3 == "A" && $4 == "all" { exit !($8 > .666 && $8 < .667 && $9 > .2076 && $9 < .2077 && $10 > .9385 && $10 < .9386) }' report
	# patients with several rows have no such interval
	study | awk -F '\t' -v OFS='\t' 'NR == 1 { print $0, "group"; next } { print $0, $2 == "test" ? "one" : $1 }' |
		hmm-calibrate -q --report report 2>said >/dev/null
	grep -q 'warning: split test: patients have several rows' said
	[ "$(tail -n +2 report | cut -f 9,10 | sort -u)" = $'n/a\tn/a' ]
}

@test "logits that are too large have no map, and no other reason is given" {
	awk -v OFS='\t' 'BEGIN { print "subject\tsplit\tlabel\tlogit\tprobability"
		for (i = 1; i <= 8; i++) print "s" i, "cal", i % 2, (i % 2 ? "-1e" : "1e") 150 + i, 0.5 }' >huge
	refuse 1 'huge: split cal: no map is found: logits go up to 1e.158, want' hmm-calibrate -q huge
	refuse 1 'huge: split cal: no map is found: logits go up to 1e.158, want' hmm-calibrate -q --method temperature huge
	study >predictions
	refuse 2 'alpha: found 1e-300, want at least 1e-06' hmm-calibrate --alpha 1e-300 predictions
}

@test "the report is not mixed with the table" {
	study >predictions
	for report in - /dev/stdout /dev/fd/1 out; do
		run bash -c "hmm-calibrate -q --report $report predictions >out"
		[ "$status" = 1 ]
		[[ "$output" = "hmm-calibrate: --report $report: is standard output, want a file of its own" ]]
		[ ! -s out ]
		run bash -c "set -o pipefail; hmm-calibrate -q --report /dev/stdout predictions | cat"
		[ "$status" = 1 ]
	done
	hmm-calibrate -q --report /dev/null predictions >/dev/null
	hmm-calibrate -q --report report predictions >out
	[ -s report ]
	[ -s out ]
}

@test "a patient who is calibrated on and predicted is counted" {
	study >predictions
	awk -F '\t' -v OFS='\t' 'NR > 1 && $2 == "test" && !n { $1 = "cal-0-A+B-1"; n++ } { print }' predictions >leaks
	hmm-calibrate leaks 2>said >/dev/null
	grep -q '^hmm-calibrate: warning: leaks: 1 patient of split cal stands in another split too, such as test: ' said
	hmm-score -q --threshold youden --split test --metrics acc leaks 2>&1 >/dev/null | grep -q '^hmm-score: warning: leaks: 1 patient of split cal stands'
	hmm-calibrate -q predictions 2>&1 >/dev/null | grep 'another split' && false
	# of several runs each has its own splits
	awk -F '\t' -v OFS='\t' 'NR == 1 { print $0, "run"; next } { print $0, 1; $2 = $2 == "cal" ? "test" : "cal"; print $0, 2 }' predictions >folds
	hmm-calibrate folds 2>&1 >/dev/null | grep 'another split' && false
	true
}

@test "a pattern is the same in any order of its names, and no name is empty" {
	study >predictions
	hmm-calibrate -q --per-pattern predictions >want
	awk -F '\t' -v OFS='\t' 'NR > 1 { k++; if ($6 == "A+B" && k % 3) $6 = k % 2 ? "B+A" : "B+A+B+A"; if ($7 == "A+B" && k % 2) $7 = "B+A" } { print }' predictions >turned
	cut -f 6 turned | sort -u | tr '\n' ' ' | grep -q 'A A+B B+A B+A+B+A modalities'
	hmm-calibrate -q --per-pattern turned | cmp - want
	hmm-score -q --split test --by modalities --bootstrap 50 predictions >want
	hmm-score -q --split test --by modalities --bootstrap 50 turned | cmp - want
	hmm-score -q --split test --metrics auc_within predictions >want
	hmm-score -q --split test --metrics auc_within turned | cmp - want
	# what begins like another name is another
	table "$header" 'a\ttest\t0\t-1\t0.2\tAB+A\tn/a\tx' 'b\ttest\t1\t1\t0.8\tA+AB\tn/a\tx' >long
	[ "$(hmm-score -q --by modalities --metrics acc --bootstrap 0 long 2>/dev/null | cut -f 3 | tail -n +2)" = "A+AB" ]
	for name in + A+ +A A++B; do
		table "$header" "a\ttest\t0\t-1\t0.2\t$name\tn/a\tx" >bad
		refuse 1 "bad: row 1: modalities '.*', want names with one . between them" hmm-score bad
		refuse 1 "bad: row 1: modalities '.*', want names with one . between them" hmm-calibrate bad
	done
}

@test "what is not a table of predictions, and wrong use" {
	study >predictions
	refuse 1 'empty, want a header line' hmm-calibrate -q /dev/null
	table "$header" >bad
	refuse 1 'bad: no row$' hmm-calibrate -q bad
	sed '2s/\t0\.[0-9]*\tA/\t1.5\tA/' predictions >bad
	refuse 1 "bad: row 1: probability '1.5', want 0 to 1" hmm-calibrate -q bad
	sed '2s/\t-3\t/\tnan\t/' predictions >bad
	refuse 1 "bad: row 1: logit 'nan', want a finite number" hmm-calibrate -q bad
	cut -f 1-3,5- predictions | sed '3s/\t0\.[0-9]*\tA/\t0\tA/' >bad
	refuse 1 'bad: row 2: probability 0 has no finite logit, want a column logit' hmm-calibrate -q bad
	cut -f 1,2,4- predictions >bad
	refuse 1 "no column 'label'" hmm-calibrate -q bad
	sed '$d' predictions >bad
	refuse 1 'bad: [0-9]* rows, want [0-9]* as predictions' hmm-calibrate -q predictions bad
	sed '2s/^[^\t]*/other/' predictions >bad
	refuse 1 'another modalities than in predictions, want the same rows of every member' hmm-calibrate -q predictions bad
	awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "run" : "1" }' predictions >bad
	refuse 1 "bad: has a column 'run', want one model" hmm-calibrate -q --on predictions bad
	refuse 2 'threshold: found 1.5' hmm-calibrate --threshold 1.5 predictions
	refuse 2 'alpha: found 1, want at least 1e-06 and less than 1' hmm-calibrate --alpha 1 predictions
	refuse 2 'alpha: found 0, want' hmm-calibrate --alpha 0 predictions
	refuse 1 'no/report' hmm-calibrate -q --report no/report predictions
	[ ! -s refused.out ]
	# a table without modalities is one pattern
	cut -f 1-5 predictions | awk -F '\t' 'NR == 1 || !seen[$1]++' | hmm-calibrate -q | cut -f 8 | sort -u | cmp - <(table n/a own set_by)
}

@test "the page's example runs as it stands: sets for each pattern, from what is missing to what is not" {
	awk '/^\.Bd -literal/ && !n++ { within = 1; next } /^\.Ed/ { within = 0 } within' "$root/bin/hmm-calibrate.1" >commands
	PATH="$root/pipelines:$PATH" bash -eo pipefail commands 2>said || { cat said; return 1; }
	grep -q 'split cal: 40 patients, 20 of label 1$' said
	grep -q 'pattern T1w: cut, ' said
	[ "$(awk -F '\t' 'NR > 1 && $2 == "test" && $3 == "all" && $4 == "all" { print $7 }' coverage.tsv)" = 40 ]
	[ "$(tail -n +2 calibrated.tsv | cut -f 1 | sort | uniq -d)" = "" ]
	[ "$(tail -n +2 calibrated.tsv | wc -l)" = 200 ]
	example() { # NUMBER: of the page's examples
		awk -v n="$1" '/^\.Bd -literal/ { within = ++at == n; next } /^\.Ed/ { within = 0 } within' \
			<(sed '1,/^\.Sh EXAMPLES/d' "$root/bin/hmm-calibrate.1") | sed 's/\\e/\\/' >commands
	}
	# the second one: what comes out is calibrated as the probability was not
	example 2
	[ -s commands ]
	bash -eo pipefail commands 2>said || { cat said; return 1; }
	awk -F '\t' 'FNR == NR { before[$2] = $3; next } FNR > 1 { n++; after[$2] = $3 }
		END { exit !(n == 5 && before["ece"] > .15 && after["ece"] < .15) }' before.tsv after.tsv
	# the third: who is asked for another scan
	example 3
	[ -s commands ]
	bash -eo pipefail commands >unsure
	[ "$(wc -l <unsure)" -gt 0 ]
	[ "$(wc -l <unsure)" = "$(cells calibrated.tsv set | grep -cx '0+1')" ]
}

@test "on: new patients are calibrated by those of another table, whatever their split" {
	study >predictions
	hmm-calibrate -q predictions 2>/dev/null >all
	awk -F'\t' -v OFS='\t' 'NR == 1 || $2 == "test" { if (NR > 1) $2 = "train"; print }' predictions >new
	hmm-calibrate -q --on predictions new 2>/dev/null >have
	diff <(awk -F'\t' '$2 == "test" { $2 = "train"; print }' all) <(tail -n +2 have | tr '\t' ' ')
	# a column more, of the threshold
	hmm-calibrate -q --on predictions --threshold 0.4 new 2>/dev/null | cut -f "$(($(head -n 1 have | wc -w) + 1))" >predicted
	[ "$(head -n 1 predicted)" = predicted ]
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "probability") at = i; next } { print ($at > .4) }' have | diff - <(tail -n +2 predicted)
}

@test "several tables: the mean of their logits" {
	study >predictions
	awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
		{ $at["logit"] = 3 * $at["logit"] + 1; print }' predictions >other
	hmm-calibrate -q predictions other 2>/dev/null >have
	awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
		{ z = $at["logit"] = 2 * $at["logit"] + .5; $at["probability"] = sprintf("%.9g", 1 / (1 + exp(-z))); print }' predictions >mean
	hmm-calibrate -q mean 2>/dev/null | cmp - have
	hmm-calibrate -q predictions predictions 2>/dev/null | diff <(hmm-calibrate -q predictions 2>/dev/null | cut -f 1-2) <(cut -f 1-2 -)
}

@test "several tables: of the same rows, or they are no ensemble" {
	study >predictions
	refuse 1 'short: [0-9]* rows, want [0-9]* as predictions' sh -c 'head -n 60 predictions >short; hmm-calibrate predictions short'
	for change in 's/\tA\tn/\tB\tn/' 's/^cal-0-A-0/cal-0-A-x/' 's/\ttest\t/\tval\t/' 's/\tcal\t1/\tcal\t0/' 's/\tA\tA+B/\tB\tA+B/'; do
		sed "$change" predictions >other
		differ predictions other
		refuse 1 'other: row [0-9]* (.*): another [a-z]* than in predictions, want the same rows of every member' hmm-calibrate predictions other
	done
}

@test "intercept: the prevalence of those it is updated by, and no order changes" {
	study >predictions
	hmm-calibrate --method intercept predictions >have 2>said
	grep -q 'logits become [-0-9.e]* + 1 times themselves' said
	hmm-score -q --bootstrap 0 --split cal --metrics citl --probability calibrated have 2>/dev/null |
		awk -F'\t' '$2 == "citl" && $3 ^ 2 > 1e-8 { exit 1 }'
	hmm-score -q --bootstrap 0 --split test --metrics auc,slope have 2>/dev/null >before
	hmm-score -q --bootstrap 0 --split test --metrics auc,slope --probability calibrated have 2>/dev/null |
		awk -F'\t' 'NR == FNR { v[$2] = $3; next } FNR > 1 && ($3 - v[$2]) ^ 2 > 1e-9 { print; exit 1 }' before -
}

@test "a table whose logits are not those of its probabilities is told, and logits count" {
	awk 'BEGIN { print "subject\tsplit\tlabel\tlogit\tprobability"
		for (i = 1; i <= 60; i++) { z = (i * 7 % 13 - 6) / 3; printf "s%d\t%s\t%d\t%.9g\t%.9g\n", i, i % 2 ? "cal" : "test", (i * 5 % 7 > 3), z, 1 / (1 + exp(-z)) } }' >p.tsv
	hmm-calibrate p.tsv >right.tsv 2>said
	! grep -q 'logits count' said || return 1
	awk -F'\t' -v OFS='\t' 'NR > 1 && NR < 6 { $5 = 1 - $5 } 1' p.tsv >q.tsv
	hmm-calibrate q.tsv 2>said | cut -f 6 | diff <(cut -f 6 right.tsv) -
	grep -q '^hmm-calibrate: warning: q.tsv: of [34] of 60 rows the logit is not that of the probability: logits count$' said
}
