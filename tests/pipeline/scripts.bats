load helper

# Those that have a help of their own.
scripts() {
	grep -l "^help='usage: hypermm " "$root"/pipelines/* 2>/dev/null | xargs -n 1 basename
}

@test "scripts: --help in one form, and an unknown option is one line" {
	[ "$(scripts | wc -l)" -ge 13 ]
	for script in $(scripts); do
		"$root/pipelines/$script" --help >help
		head -n 1 help | grep -q "^usage: hypermm $([ "$script" = hypermm ] && echo NAME || echo "$script")\b"
		[ -z "$(sed -n 2p help)" ]
		sed -n 3p help | grep -q '[.]$'
		[ "$script" = hypermm ] || grep -q '^  -h, --help  ' help
		[ "$(wc -L <help)" -le 110 ]
		refuse 2 "^$script: " "$root/pipelines/$script" --no-such-option
		# every option of the help is one that is taken
		[ "$script" = hypermm ] || sed -n 's/^  \(-., \|    \)\(--[a-z-]*\) [A-Z].*/\2/p' help | while read -r option; do
			refuse 2 "^$script: $option: wants " "$root/pipelines/$script" "$option"
		done
	done
}

@test "scripts: a flag takes no value" {
	refuse 2 'keep takes no value' "$root/pipelines/cell" --keep=no -c cache -o out --system hypermm features.tsv
	refuse 2 'no-check takes no value' "$root/pipelines/table" --no-check=1 -o out --systems systems
	[ ! -e out ]
}

@test "scripts: a folder that is not theirs is refused, and stays as it is" {
	tiny_study
	mkdir full && echo mine >full/mine
	ln -s nowhere dangling
	for command in 'demo full' 'run -w vgg.safetensors -o full manifest.tsv' 'table1 full' 'table2 full' 'table-lgg data full' \
		'table-lgg --ablation data full' 'table-hancock data full' 'table-signals data full' 'lgg-bids study vgg.safetensors full' 'lgg-slices study vgg.safetensors full' \
		'sweep -o full' 'sanity -o full --quick' 'cell -c cache -o full --system hypermm manifest.tsv' \
		'table -w vgg.safetensors -o full --systems manifest.tsv manifest.tsv'; do
		refuse 1 'full: not empty, and not of hypermm' hypermm $command
		refuse 1 'manifest.tsv: not a folder' hypermm ${command//full/manifest.tsv}
		refuse 1 'dangling: not a folder' hypermm ${command//full/dangling}
	done
	[ "$(cat full/mine)" = mine ]
	[ "$(ls -A full)" = mine ]
	mkdir other && echo sweep >other/.hypermm
	refuse 1 'other: a folder of hypermm sweep, want one of demo or a new one' hypermm demo other
}

@test "hypermm: runs a script or a program, and lists both" {
	hypermm --help >help
	grep -q '^  table  *Train and score systems' help
	grep -q '^  hmm-score  *Metrics of predictions' help
	[ "$(sed -n '/^scripts$/,/^$/p' help | wc -l)" = $(($(scripts | wc -l) + 1)) ]
	hypermm score --help | head -n 1 | grep -q '^usage: hmm-score'
	hypermm hmm-table --help | head -n 1 | grep -q '^usage: hmm-table'
	hypermm table --help | head -n 1 | grep -q '^usage: hypermm table'
	refuse 2 "no script or program 'nothing'" hypermm nothing
	refuse 2 "no script or program '../bin/hmm-score'" hypermm ../bin/hmm-score
	refuse 2 "no script or program 'step'" hypermm step
	refuse 2 'want the NAME' hypermm
	# by a link, as from PREFIX/bin, wherever it is called from
	mkdir bin && ln -s "$root/pipelines/hypermm" bin/hypermm
	CDPATH=/ bin/hypermm summary --help | grep -q '^usage: hypermm summary'
}

@test "hypermm run: the whole method, and again in the same folder" {
	tiny_study
	hypermm run -w vgg.safetensors -o out -s 2 --condition '--epochs 1' --condition '--batch 2' --rho '--epochs 1' manifest.tsv
	[ "$(ls out | tr '\n' ' ')" = 'cache command features.tsv metrics.tsv phi.safetensors phi.tsv predictions.tsv rho.safetensors rho.tsv seconds ' ]
	hmm-gather -c out/cache out/features.tsv | hmm-condition --train -s 2 --epochs 1 --batch 2 -o phi.safetensors
	cmp phi.safetensors out/phi.safetensors
	cp -r out before
	hypermm run -w vgg.safetensors -o out -s 2 --condition '--epochs 1 --batch 2' --rho='--epochs 1' -- manifest.tsv
	rm {out,before}/{seconds,command}
	diff -rx journal.tsv before out
	hypermm summary out/metrics.tsv | grep -q '^auc  '
}

@test "hypermm extract, run, cell: a cache below another is read, and never written to" {
	tiny_study
	run() { hypermm run -w vgg.safetensors --condition '--epochs 1' --rho '--epochs 1' "$@" manifest.tsv; }
	run -o want
	awk 'NR < 6' manifest.tsv >some.tsv
	hypermm extract -w vgg.safetensors -c 'shared by us' some.tsv >/dev/null
	mkdir -- '-below'
	below=$(find 'shared by us' -printf '%p %i %T@\n' | sort)
	run -o out -c 'its own' -c 'shared by us' --cache -below
	for file in features.tsv phi.safetensors rho.safetensors predictions.tsv; do cmp want/$file out/$file; done
	all=$(find want/cache -name '*.hmm' | wc -l)
	[ "$(find 'its own' -name '*.hmm' | wc -l)" = $((all - $(find 'shared by us' -name '*.hmm' | wc -l))) ]
	[ "$(find out -name '*.hmm')" = '' ]
	[ "$below" = "$(find 'shared by us' -printf '%p %i %T@\n' | sort)" ]
	hypermm cell -c 'shared by us' --cache='its own' -o again --system hypermm --condition '--epochs 1' --rho '--epochs 1' out/features.tsv
	cmp want/predictions.tsv again/predictions.tsv
	# all is there, in one or the other: nothing is made
	hypermm extract -w vgg.safetensors -c third -c 'shared by us' -c 'its own' manifest.tsv | diff - out/features.tsv
	[ -z "$(find third -name '*.hmm')" ]
	refuse 1 'extract: sharde: cannot open' hypermm extract -w vgg.safetensors -c 'its own' -c sharde manifest.tsv
}

@test "hypermm run: a prefix of what trains and predicts" {
	tiny_study
	epochs=(--condition '--epochs 1' --rho '--epochs 1')
	hypermm run -w vgg.safetensors -o out -j 1 "${epochs[@]}" manifest.tsv
	printf '#!/bin/sh\necho "$2" >>"%s/ran"\ncat >/dev/null\nshift\nexec "$@"\n' "$PWD" >prefix
	chmod +x prefix
	echo left | {
		RUN="env X=1 $PWD/prefix *" hypermm run -w vgg.safetensors -o prefixed -c out/cache -j 1 "${epochs[@]}" manifest.tsv
		cat
	} | grep -qx left
	[ "$(wc -l <ran)" = 1 ]
	grep -q '/cell$' ran
	for file in predictions.tsv metrics.tsv phi.safetensors rho.safetensors; do cmp out/$file prefixed/$file; done
	RUN=nice hypermm run -w vgg.safetensors -o nice -c out/cache -j 1 "${epochs[@]}" manifest.tsv
	cmp out/predictions.tsv nice/predictions.tsv
	run env RUN=false hypermm run -w vgg.safetensors -o none -c out/cache -j 1 "${epochs[@]}" manifest.tsv
	[ "$status" = 1 ]
	[ ! -e none/metrics.tsv ]
}

@test "hypermm run: --keep-going leaves out the images that fail" {
	tiny_study
	cp "$(find study -name '*T1w.nii.gz' | sort | head -n 1)" kept.nii.gz
	head -c 500 kept.nii.gz >"$(find study -name '*T1w.nii.gz' | sort | head -n 1)"
	again() { hypermm run -w vgg.safetensors -o out --condition '--epochs 1' --rho '--epochs 1' "$@" manifest.tsv; }
	run again
	[ "$status" = 1 ]
	[ ! -e out/features.tsv ]
	[ ! -e out/metrics.tsv ]
	run again -k
	[ "$status" = 1 ]
	[[ "$output" == *"sub-001_T1w.nii.gz: truncated"*"extract: only "*" images have features"* ]]
	[ "$(wc -l <out/features.tsv)" = $(($(wc -l <manifest.tsv) - 1)) ]
	hypermm summary out/metrics.tsv | grep -q '^auc '
	# nothing at all is not enough
	printf 'subject\tmodality\tlabel\tgroup\tsplit\tpath\ns\tm\t1\tn/a\ttest\tabsent.nii\n' >none.tsv
	run hypermm run -k -w vgg.safetensors -o none none.tsv
	[ "$status" = 1 ]
	[ ! -e none/predictions.tsv ]
}

# Programs of which this one prints half of what it should, and fails.
failing() { # PROGRAM
	rm -rf fake
	mkdir fake
	ln -s "$(dirname "$(command -v hmm-score)")"/hmm-* fake
	rm "fake/$1"
	printf '#!/bin/sh\necho half\necho "%s: disk full" >&2\nexit 1\n' "$1" >"fake/$1"
	chmod +x "fake/$1"
}

@test "scripts: what fails leaves the files of before, and none that is half" {
	tiny_study
	mkdir temporary
	export TMPDIR=$PWD/temporary
	again() { hypermm run -w vgg.safetensors -o out -s 2 --condition '--epochs 1' --rho '--epochs 1' manifest.tsv; }
	again
	find out -type f ! -path '*/seconds' ! -name journal.tsv -exec sha256sum {} + >before
	for program in hmm-score hmm-cache hmm-rho hmm-setsum; do
		failing $program
		! HMM_BIN=$PWD/fake again 2>said || return 1
		sha256sum --quiet -c before
		[ "$(find out -type f ! -path '*/seconds' ! -name journal.tsv | wc -l)" = "$(wc -l <before)" ]
		[ -z "$(ls temporary)" ]
		[ -s out/seconds ]
	done
	# a manifest that could not be made does not replace the one of before
	hypermm lgg-bids study vgg.safetensors lgg 2>said || true # no large_tumor in it
	[ ! -e lgg/manifest.tsv ]
	[ -z "$(find lgg -name '*.new')" ]
	failing hmm-split
	echo mine >lgg/manifest.tsv
	! HMM_BIN=$PWD/fake hypermm lgg-bids study vgg.safetensors lgg 2>said || return 1
	[ "$(cat lgg/manifest.tsv)" = mine ]
	[ -z "$(find lgg -name '*.new')" ]
	# a figure in whose place a folder stands
	printf 'split\tfpr\ttpr\tlow\thigh\ntest\t0\t0\t0\t0\ntest\t1\t1\t1\t1\n' >roc.tsv
	figure roc roc.tsv -o roc
	rm roc.png && mkdir roc.png
	refuse 1 'roc.png: cannot write' figure roc roc.tsv -o roc
	[ -z "$(ls -A roc.png)" ]
	[ -z "$(ls temporary)" ]
}

@test "scripts: one that is ended leaves no temporary file" {
	tiny_study
	mkdir temporary fake
	ln -s "$(dirname "$(command -v hmm-score)")"/hmm-* fake
	rm fake/hmm-vgg
	printf '#!/bin/sh\ncase $* in *history*) exec "%s" "$@" ;; esac\ntouch begun; sleep 2\n' "$(command -v hmm-vgg)" >fake/hmm-vgg
	chmod +x fake/hmm-vgg
	for signal in TERM INT HUP; do
		rm -f begun
		TMPDIR=$PWD/temporary HMM_BIN=$PWD/fake setsid env --default-signal=INT "$root/pipelines/extract" \
			-w vgg.safetensors -c cache -j 1 manifest.tsv >features.tsv 2>said 3>&- &
		while [ ! -e begun ]; do sleep 0.1; done
		kill -s $signal -- -$!
		! wait $! || return 1
		[ ! -s features.tsv ]
		[ -z "$(ls temporary)" ] || { echo "$signal:"; ls temporary; return 1; }
	done
}

@test "scripts: what is missing is said before a folder is claimed" {
	tiny_study
	printf 'scenario\tsystem\tmodel\nall\tHyperMM\thypermm\n' >systems
	refuse 1 '^run: absent: cannot read' hypermm run -w absent -o out manifest.tsv
	refuse 1 '^run: absent: cannot read' hypermm run -w vgg.safetensors -o out absent
	refuse 1 '^run: /dev/zero: not a regular file but a device' hypermm run -w /dev/zero -o out manifest.tsv
	refuse 1 '^table: absent: cannot read' hypermm table -w absent -o out --systems systems manifest.tsv
	refuse 1 '^table: absent: cannot read' hypermm table -w vgg.safetensors -o out --systems absent manifest.tsv
	refuse 1 '^table: absent: cannot read' hypermm table -w vgg.safetensors -o out --systems systems absent
	refuse 1 '^table: /dev/zero: not a regular file but a device' hypermm table -w vgg.safetensors -o out --systems systems /dev/zero
	mkfifo pipe
	refuse 1 '^run: pipe: not a regular file but a pipe' timeout 20 hypermm run -w vgg.safetensors -o out pipe
	refuse 1 '^run: pipe: not a regular file but a pipe' timeout 20 hypermm run -w pipe -o out manifest.tsv
	refuse 1 '^table: pipe: not a regular file but a pipe' timeout 20 hypermm table -w vgg.safetensors -o out --systems pipe manifest.tsv
	refuse 1 '^cell: pipe: not a regular file but a pipe' timeout 20 hypermm cell -c cache -o out --system hypermm pipe
	refuse 1 '^sweep: pipe: not a regular file but a pipe' timeout 20 hypermm sweep -c cache -o out pipe
	refuse 1 '^figure: pipe: not a regular file but a pipe' timeout 20 hypermm figure roc pipe -o roc
	refuse 1 '^summary: pipe: not a regular file but a pipe' timeout 20 hypermm summary pipe
	refuse 1 '^cell: absent: cannot read' hypermm cell -c cache -o out --system hypermm absent
	refuse 1 '^summary: manifest.tsv: not a table of metrics' hypermm summary manifest.tsv
	printf 'split\tmetric\tvalue\tlow\thigh\tn\nval\tauc\t0.5\tn/a\tn/a\t3\n' >val.tsv
	refuse 1 '^summary: val.tsv: no row of the split test' hypermm summary val.tsv
	refuse 1 '^summary: absent: cannot read' hypermm summary absent
	refuse 1 '^summary: /dev/zero: not a regular file but a device' hypermm summary /dev/zero
	[ ! -e out ]
}

@test "scripts: a terminal gets nothing that it would obey" {
	command -v script >/dev/null || skip "no script(1)"
	printf 'split\tmetric\tvalue\tlow\thigh\tn\ntest\ta\033[31muc\302\2331m\t0.5\tn/a\tn/a\t3\n' >metrics.tsv
	SHELL=$BASH script -qec "$root/pipelines/summary metrics.tsv" typed >/dev/null
	grep -aqF 'a?[31muc?1m' typed
	"$root/pipelines/summary" metrics.tsv | grep -aqF $'a\033[31muc\302\2331m'
	SHELL=$BASH script -qec "$root/pipelines/extract -w \$'w\\033]0;x\\007\\302\\2331m' -c c" typed >/dev/null || true
	grep -aqF 'extract: w?]0;x??1m: cannot read' typed
}

@test "scripts: a temporary folder that cannot be is said with its place" {
	tiny_study
	printf 'split\tmetric\tvalue\tlow\thigh\tn\n' >metrics.tsv
	export TMPDIR=$PWD/absent
	refuse 1 "^extract: $TMPDIR: cannot make a temporary folder" extract -w vgg.safetensors -c cache manifest.tsv
	refuse 1 "^summary: $TMPDIR: cannot make a temporary folder" summary metrics.tsv
}

@test "scripts: options with which a program prints something and works nothing are refused first" {
	tiny_study
	run_it() { "$root/pipelines/run" -w vgg.safetensors -o out "$@" manifest.tsv; }
	for words in --help --hel -h -V '--epochs 2 --version' --show-options '--epochs 2 --show-o'; do
		for program in condition rho; do
			refuse 2 "^run: --$program: found '$words', want options with which hmm-$program " run_it "--$program" "$words"
		done
		for program in joint vae; do
			refuse 2 "^cell: --$program: found '$words', want" cell -c cache -o out --system hypermm "--$program" "$words" manifest.tsv
			refuse 2 "^table: --$program: found '$words', want" table -w vgg.safetensors -o out --systems manifest.tsv \
				"--$program" "$words" manifest.tsv
		done
	done
	for words in --show-history '-V' '--reduce max --help'; do
		refuse 2 "^run: --setsum: found '$words', want options with which hmm-setsum " run_it --setsum "$words"
	done
	[ ! -e out ]
}
