load helper

# A table: columns split by blanks, rows by arguments.
table() {
	printf '%s\n' "$@" | tr ' ' '\t'
}

need_gnuplot() {
	command -v gnuplot >/dev/null || skip "no gnuplot"
}

# The tags of an SVG close in the order in which they opened.
well_formed() {
	awk 'BEGIN { RS = "<" }
		/^[?!]/ { next }
		/^\// { sub(/^\//, ""); sub(/[^a-zA-Z].*/, ""); if (open[depth--] != $0) exit bad = 1; next }
		/^[a-zA-Z]/ { tag = $0; sub(/>.*/, ">", tag); name = tag; sub(/[^a-zA-Z].*/, "", name)
			if (tag !~ /\/>$/) open[++depth] = name; found++ }
		END { exit bad || depth != 0 || found < 10 }' "$1"
}

# figure NAME made both files, and these texts stand in the SVG.
drawn() {
	local text
	[ "$(head -c 4 "$1.png" | tail -c 3)" = PNG ]
	well_formed "$1.svg"
	for text in "${@:2}"; do
		grep -qF "$text" "$1.svg" || { echo "no '$text' in $1.svg"; return 1; }
	done
}

small_curve() {
	table 'epoch learning_rate train_loss val_loss val_auc kept' '1 0.0001 0.7 0.69 0.5 1' \
		'2 0.0001 0.5 0.6 0.7 1' '3 3e-05 0.4 0.65 0.7 0' >"$1"
}

@test "figure: a training curve; the same input, the same bytes" {
	need_gnuplot
	small_curve a.tsv
	table 'epoch learning_rate train_loss val_loss val_auc kept' '1 0.0001 0.9 nan nan 1' >b.tsv
	figure curve a.tsv "it's <b> & co=b.tsv" -o one --title 'Two runs'
	drawn one '>a<' "it's &lt;b> &amp; co" 'kept epoch' 'Two runs'
	sleep 1.1
	figure curve a.tsv "it's <b> & co=b.tsv" -o two --title 'Two runs'
	cmp one.svg two.svg
	cmp one.png two.png
	[ "$(ls | wc -l)" = 6 ]
}

@test "figure: ROC and precision-recall, of the split that is asked for" {
	need_gnuplot
	table 'split fpr tpr low high' 'val 0 0 0 0' 'test 0 0.2 0 0.4' 'test 0.5 0.8 0.6 0.9' 'test 1 1 1 1' >roc.tsv
	figure roc 'HyperMM=roc.tsv' -o roc
	drawn roc HyperMM 'false positive rate'
	refuse 1 "roc.tsv: no rows of split 'train'" figure roc roc.tsv -o x --split train
	table 'recall precision low high n' '0 1 n/a n/a 7' '1 0.5 n/a n/a 9' >pr.tsv
	figure pr pr.tsv -o pr --title Test
	drawn pr '>pr<' recall 'Test (n = 7 to 9)'
}

@test "figure: predictions as hmm-score draws their curve" {
	need_gnuplot
	hmm-score --help | grep -q -e --curve || skip "hmm-score has no --curve"
	table 'subject label probability split' 'a 0 0.1 test' 'b 0 0.6 test' 'c 1 0.4 test' 'd 1 0.9 test' >predictions.tsv
	for kind in roc pr; do
		hmm-score -q --bootstrap 20 --curve $kind predictions.tsv >points.tsv
		figure $kind points.tsv -o $kind
		drawn $kind points
	done
}

@test "figure: a sweep of missing rates" {
	need_gnuplot
	table 'series rate value low high n' 'MRI 0 0.8 0.7 0.9 90' 'PET 0 0.81 0.7 0.9 90' \
		'MRI 0.9 0.6 0.5 0.7 90' 'PET 0.9 0.5 n/a n/a 90' >sweep.tsv
	figure sweep sweep.tsv -o sweep
	drawn sweep MRI PET AUC 'n = 90' 'missing rate in %'
	sed 's/\t0\.9\t/\t90\t/' sweep.tsv >percent.tsv
	refuse 1 "percent.tsv: column 'rate': found 90, want a share" figure sweep percent.tsv -o x
}

@test "figure: every name stands in the legend, however many and long" {
	need_gnuplot
	for count in 16 63; do
		printf 'series\trate\tvalue\tlow\thigh\tn\n' >sweep.tsv
		for ((i = 1; i <= count; i++)); do
			printf 'T1w of scanner %d missing everywhere\t0\t0.8\t0.7\t0.9\t90\n' $i >>sweep.tsv
		done
		figure sweep sweep.tsv -o sweep
		[ "$(grep -o '>T1w of scanner [0-9]* missing everywhere<' sweep.svg | sort -u | wc -l)" = $count ]
		table 'split fpr tpr low high' 'test 0 n/a n/a n/a' 'test 1 n/a n/a n/a' >roc.tsv
		curves=()
		for ((i = 1; i <= count; i++)); do curves+=("system $i=roc.tsv"); done
		figure roc -o roc -- "${curves[@]}"
		[ "$(grep -o '>system [0-9]* (n/a)<' roc.svg | sort -u | wc -l)" = $count ]
	done
}

@test "figure: a table of systems beside the paper's" {
	need_gnuplot
	printf 'system\tmetric\tmean\tsd\tlow\thigh\tn\tpaper\tpaper_sd\n%b%b%b' \
		'50 % PET: HyperMM\tauc\t0.8\t0.02\t0.7\t0.9\t90\t0.66\t0.02\n' \
		'Multi-CNN\tauc\t0.7\t0.02\tn/a\tn/a\t90\tn/a\tn/a\n' \
		'Multi-CNN\tacc\t0.6\tn/a\tn/a\tn/a\t45\tn/a\tn/a\n' >table.tsv
	figure table table.tsv -o auc
	drawn auc '50 % PET: HyperMM' Multi-CNN '0.80 (0.70 to 0.90)' '0.70 ± 0.02' 'the paper' 'n = 90'
	figure table table.tsv -o acc --metric acc
	drawn acc accuracy 0.60 'n = 45'
	! grep -q 'the paper' acc.svg || return 1
	refuse 1 "table.tsv: no rows of metric 'f1'" figure table table.tsv -o x --metric f1
}

@test "figure: bad input is one line, and nothing is written" {
	need_gnuplot
	small_curve good.tsv
	refuse 1 'nowhere.tsv: cannot read' figure curve nowhere.tsv -o x
	: >empty.tsv
	refuse 1 'empty.tsv: empty, want a header line' figure curve empty.tsv -o x
	head -n 1 good.tsv >header.tsv
	refuse 1 'header.tsv: no rows' figure curve good.tsv header.tsv -o x
	refuse 1 "good.tsv: no column 'fpr'" figure roc good.tsv -o x
	sed 's/0\.5\t0\.6/oops\t0.6/' good.tsv >word.tsv
	refuse 1 "word.tsv: row 2: column 'train_loss': found 'oops', want a number" figure curve word.tsv -o x
	sed '3s/\t0\.6//' good.tsv >short.tsv
	refuse 1 'short.tsv: line 3: 5 columns, want 6' figure curve short.tsv -o x
	refuse 1 'no/x.svg: cannot write' figure curve good.tsv -o no/x
	[ -z "$(find . -name 'x*')" ]
}

@test "figure: what is n/a is drawn as such" {
	need_gnuplot
	printf 'system\tmetric\tmean\tsd\tlow\thigh\tn\tpaper\tpaper_sd\n%b%b' \
		'One class\tauc\tn/a\tn/a\tn/a\tn/a\t9\t0.66\t0.02\n' 'Multi-CNN\tauc\t0.7\t0.02\tn/a\tn/a\t90\tn/a\tn/a\n' >table.tsv
	figure table table.tsv -o auc
	drawn auc 'One class' Multi-CNN '>n/a<' '0.70 ± 0.02'
	sed -i '/Multi-CNN/d; s/0\.66\t0\.02/n\/a\tn\/a/' table.tsv
	figure table table.tsv -o none
	drawn none 'One class' '>n/a<'
	table 'split fpr tpr low high' 'test 0 n/a n/a n/a' 'test 1 n/a n/a n/a' >one.tsv
	table 'split fpr tpr low high' 'test 0 0 n/a n/a' 'test 1 1 n/a n/a' >both.tsv
	figure roc both.tsv one.tsv -o roc
	drawn roc '>both<' '>one (n/a)<'
	figure roc one.tsv -o alone
	drawn alone '>one (n/a)<'
	table 'series rate value low high n' 'MRI 0 0.8 0.7 0.9 90' 'MRI 0.5 n/a n/a n/a 90' >sweep.tsv
	figure sweep sweep.tsv -o sweep
	drawn sweep MRI
}

@test "figure: names and titles are text" {
	need_gnuplot
	small_curve a.tsv
	cp a.tsv 'x=y.tsv'
	local evil=$'`touch pwned` $(touch pwned) "q" \'; system "touch pwned" #\nsystem "touch pwned"\n! touch pwned\\'
	figure curve "$evil=a.tsv" "a=b=x=y.tsv" -o out --title "$evil"
	drawn out '`touch pwned` $(touch pwned)' '>a=b<'
	printf 'system\tmetric\tmean\tsd\tlow\thigh\tn\tpaper\tpaper_sd\n%s\tauc\t0.8\t0.02\t0.7\t0.9\t90\tn/a\tn/a\n' \
		"50 % '\`touch pwned\`\\n%d @x {/Bold y}" >table.tsv
	figure table table.tsv -o table --metric auc --title '%d @x'
	drawn table '50 % ' '{/Bold y}'
	printf 'series\trate\tvalue\tlow\thigh\tn\n%s\t0\t0.8\t0.7\t0.9\t90\n' "a\\\\nb '\$(touch pwned)" >sweep.tsv
	figure sweep sweep.tsv -o sweep
	drawn sweep '$(touch pwned)'
	# two single quotes are two, wherever they stand
	figure curve -o quotes --title "'x''" -- "''a''b'=a.tsv" "--help=a.tsv"
	drawn quotes "'x''" "''a''b'" '>--help<'
	mkdir "o'n''e"
	TMPDIR="$PWD/o'n''e" figure curve a.tsv -o "o'n''e/f"
	drawn "o'n''e/f" a
	[ ! -e pwned ]
}

@test "figure: usage" {
	need_gnuplot
	refuse 2 '^figure: want --output' figure
	refuse 2 '^figure: want --output' figure curve a.tsv
	refuse 2 "^figure: found 'pie', want curve" figure pie a.tsv -o x
	refuse 2 '^figure: one table' figure table a.tsv b.tsv -o x
	refuse 2 '^figure: -o: wants OUT' figure curve a.tsv -o
	refuse 2 "^figure: unknown option '--odd'" figure curve a.tsv -o x --odd
	figure --help | head -n 1 | grep -q '^usage: hypermm figure KIND'
}
