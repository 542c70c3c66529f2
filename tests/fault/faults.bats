load ../pipeline/helper

# Every program that writes a stream or a table, with input that is good.
writers() {
	tiny_sets
	hmm-rho --train --epochs 1 -o rho.safetensors <sets.hmm
	hmm-rho -w rho.safetensors <sets.hmm >predictions.tsv
	hmm-joint --train --model cnn --epochs 1 -o cnn.safetensors <features.hmm
	hmm-vae --train --epochs 1 --hidden 8 --latents 2 -o vae.safetensors <features.hmm
	hmm-linear --train --model concat --lambda 1 -o linear.safetensors <features.hmm
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	hmm-slice "$t1" >slices.hmm
	hmm-slice --subject s "T1w=$t1" >named.hmm
	hmm-slice --stamp --manifest manifest.tsv >both.hmm
	hmm-gan --train pix2pix --from T1w --to trc-18FFDG_pet --size 32 --ngf 1 --ndf 1 --epochs 1 --epochs-decay 0 -o gan.safetensors <both.hmm
	printf '%s\t%s\t%s\t%s\n' subject split label probability a cal 0 .2 b cal 1 .7 c cal 0 .4 d test 1 .5 >cal.tsv
	cat >commands <<-END
		hmm-slice --fit '$t1'
		hmm-slice --fit --keep-going '$t1'
		hmm-vgg -w vgg.safetensors <slices.hmm
		hmm-gather -c cache features.tsv
		hmm-cache has -c nowhere features.tsv
		hmm-cache stats -c cache
		hmm-cache trim -q -c cache --size 0 --dry-run
		hmm-condition -w phi.safetensors <features.hmm
		hmm-setsum <latents.hmm
		hmm-rho -w rho.safetensors <sets.hmm
		hmm-joint -w cnn.safetensors <features.hmm
		hmm-vae -w vae.safetensors <features.hmm
		hmm-linear -w linear.safetensors <features.hmm
		hmm-gan -w gan.safetensors <named.hmm
		hmm-show sets.hmm
		hmm-show --png - named.hmm
		hmm-similarity -r named.hmm <named.hmm
		hmm-manifest --bids study
		hmm-split --ratio 6:1:3 manifest.tsv
		hmm-drop --modality T1w --rate 0.5 manifest.tsv
		hmm-score --bootstrap 10 --metrics auc,brier predictions.tsv
		hmm-calibrate -q --alpha 0.5 cal.tsv
		hmm-covariates -q --columns age --folds 2 features.tsv
		hmm-check manifest.tsv
		hmm-weights vgg.safetensors
	END
}

@test "faults: a full disk behind standard output: one line, exit 1" {
	writers
	while read -r command; do
		refuse 1 'No space left' sh -c "$command >/dev/full"
	done <commands
}

@test "faults: a closed standard output: one line, exit 1" {
	writers
	while read -r command; do
		refuse 1 'Bad file descriptor' sh -c "$command >&-"
	done <commands
}

@test "faults: a reader that leaves: SIGPIPE or nothing, never a message" {
	writers
	while read -r command; do
		sh -c "$command" 2>said | head -c 1 >/dev/null
		[ ! -s said ] || { cat said; return 1; }
	done <commands
}

@test "faults: a stream cut at many places is never taken for whole" {
	writers
	for stream in slices:hmm-vgg\ -w\ vgg.safetensors features:hmm-condition\ -w\ phi.safetensors \
		features:hmm-joint\ -w\ cnn.safetensors features:hmm-vae\ -w\ vae.safetensors features:hmm-linear\ -w\ linear.safetensors \
		latents:hmm-setsum named:hmm-gan\ -w\ gan.safetensors named:hmm-similarity\ -r\ named.hmm named:hmm-show\ --png\ - sets:hmm-rho\ -w\ rho.safetensors; do
		size=$(stat -c %s "${stream%%:*}.hmm")
		for part in 0 1 7 50 90 99; do
			head -c $((size * part / 100)) "${stream%%:*}.hmm" >cut.hmm
			refuse 1 'standard input: ' sh -c "${stream#*:} <cut.hmm >out"
			# a table of predictions would look whole to who reads it
			[[ $stream != *:hmm-@(rho|joint|vae|linear|similarity|show)* ]] || [ ! -s out ]
		done
	done
}

@test "faults: a failed producer fails the pipe's last program too" {
	writers
	# it has said why, and no other says more
	refuse 1 '^hmm-gather: nowhere/.*cannot open' sh -c 'hmm-gather -c nowhere features.tsv | hmm-condition -w phi.safetensors >out'
	refuse 1 'the stream ends|ends early' sh -c 'head -c 100 features.hmm | hmm-condition -w phi.safetensors >out'
}

@test "faults: training that cannot write leaves nothing, and an old model as it was" {
	writers
	refuse 1 'cannot create' sh -c 'hmm-condition --train --epochs 1 -o nowhere/phi.safetensors <features.hmm'
	echo old >model
	refuse 1 'stream of latents' sh -c 'hmm-rho --train --epochs 1 -o model <latents.hmm'
	[ "$(cat model)" = old ]
	[ "$(find . -maxdepth 1 -name 'model*' | wc -l)" = 1 ]
	refuse 1 'cannot create' hmm-weights --random vgg11 --width 0.05 -o /dev/full/x
}

@test "faults: -o PATH: a device or a pipe is written as it is, and of a link the target" {
	make() { hmm-weights --random vgg11 --width 0.05 -s 1 -o "$1"; }
	make want
	mkfifo pipe
	cat pipe >have &
	make pipe
	wait
	[ -p pipe ]
	cmp have want
	echo old >target
	ln -s target link
	make link
	[ -L link ]
	cmp target want
	refuse 1 '/dev/full: cannot write' hmm-weights --random vgg11 --width 0.05 -o /dev/full
	[ -c /dev/full ]
	refuse 1 'cannot open: Is a directory' hmm-weights --random vgg11 --width 0.05 -o .
}

@test "faults: NaN in a volume, in a block, a label that is none" {
	writers
	mkdir npy
	hmm-show --npy npy latents.hmm | grep -v '^#' | head -n 2 >table.tsv
	{ head -c -4 npy/000000.npy; printf '\0\0\300\177'; } >nan.npy
	awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { $at["npy"] = "nan.npy" } { print }' table.tsv >nan.tsv
	refuse 1 'not finite' sh -c 'hmm-show --from-npy latents nan.tsv | hmm-setsum'
	awk -F'\t' -v OFS='\t' 'NR == 2 { $5 = "train"; $7 = "sick" } { print }' table.tsv >label.tsv
	# of which it is none, who learns from it knows
	hmm-show --from-npy latents --name sick label.tsv | hmm-setsum >label.hmm
	refuse 1 "^hmm-rho: subject sub-[0-9]*: label 'sick', want 0 or 1 " hmm-rho --train -o rho.new <label.hmm
	[ ! -e rho.new ]
}

@test "faults: every program's usage: --help, --version, an unknown option" {
	for program in "${HMM_BIN:-$root/bin}"/hmm-*[a-z]; do
		[ -x "$program" ] || continue
		"$program" --help | grep -q "^usage: $(basename "$program") "
		"$program" -V | grep -qE "^$(basename "$program") [0-9.]+ \(numerics [0-9]+\)$"
		refuse 2 'unknown option' "$program" --no-such-option
	done
}
