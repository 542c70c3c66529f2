load helper

# A model knows what its data went through, and takes no other: one chain of models, and a stream
# for each way in which it could be made otherwise.

# The features of the study under other options: other NAME [--weights FILE] [--slice OPTIONS]
features_of() { # NAME WEIGHTS SLICE-OPTIONS VGG-OPTIONS
	extract -w "$2" -c cache --slice "$3" --vgg "$4" manifest.tsv | hmm-gather -c cache >"$1.hmm"
}

chain() {
	tiny_sets 2>/dev/null
	hmm-rho --train -q --epochs 2 -o rho.safetensors <sets.hmm
	hmm-rho -w rho.safetensors <sets.hmm >want.tsv
}

@test "history: the model's own stream is taken, whatever else may differ" {
	chain
	# straight from the images; another version; other notes; threads
	scan=$(find study -name '*sub-001*T1w.nii.gz')
	hmm-slice "T1w=$scan" --subject sub-001 -j 1 | hmm-vgg -w vgg.safetensors -j 1 |
		hmm-condition -w phi.safetensors -j 1 | hmm-setsum --subsets all | hmm-rho -w rho.safetensors >one.tsv
	[ "$(wc -l <one.tsv)" = 2 ]
	sed 's/\(version[^a-z]*\)0\.2\.0/\10.2.9/' phi.safetensors >other.safetensors
	cmp -s phi.safetensors other.safetensors && exit 1
	hmm-condition -w other.safetensors <features.hmm >/dev/null
	hmm-condition -w phi.safetensors <features.hmm | hmm-setsum --subsets singles | hmm-rho -w rho.safetensors |
		awk -F'\t' 'NR == FNR { want[$0]; next } { seen += $0 in want } END { exit seen != length(want) }' want.tsv -
}

@test "history: other weights, axis, crop, phi and reduction are refused, and named" {
	chain
	hmm-weights --random vgg11 --width 0.03 -s 2 -o other.safetensors
	features_of weights other.safetensors '' ''
	features_of axis vgg.safetensors '--axis sagittal' ''
	features_of resize vgg.safetensors '--resize 224' ''
	features_of exact vgg.safetensors '' --exact
	refuse_features() { # NAME HAVE WANT
		refuse 1 "record 1 \(sub-001 T1w\): T1w was made by $2, but phi.safetensors was trained on data made $3 \(--any-history takes any\)$" \
			sh -c "hmm-condition -w phi.safetensors <$1.hmm"
		hmm-condition -w phi.safetensors --any-history <"$1.hmm" >any.hmm
		hmm-show any.hmm | grep -q '^# hmm-condition	.*	any-history	'
		refuse 1 "T1w was made by $2, but rho.safetensors" sh -c "hmm-setsum <any.hmm | hmm-rho -w rho.safetensors"
	}
	digest() { sha256sum "$1" | cut -c 1-12; }
	refuse_features weights "hmm-vgg with weights=$(digest other.safetensors)" "with weights=$(digest vgg.safetensors)"
	refuse_features axis 'hmm-slice with axis=sagittal' 'with axis=axial'
	refuse_features resize 'hmm-slice with resize=224' 'with resize=256'
	refuse_features exact 'hmm-vgg with exact' 'without exact'

	hmm-condition --train -q --epochs 1 -s 5 -o other-phi.safetensors <features.hmm
	hmm-condition -w other-phi.safetensors <features.hmm | hmm-setsum >other.hmm
	refuse 1 "made by hmm-condition with weights=$(digest other-phi.safetensors), but rho.safetensors .* made with weights=$(digest phi.safetensors)" \
		sh -c 'hmm-rho -w rho.safetensors <other.hmm'
	hmm-rho -w rho.safetensors --any-history <other.hmm >/dev/null
	hmm-setsum -r sum <latents.hmm >other.hmm
	refuse 1 'made by hmm-setsum with reduce=sum, but rho.safetensors .* made with reduce=mean' sh -c 'hmm-rho -w rho.safetensors <other.hmm'
}

@test "history: the systems of one step know theirs too, and so do those that are trained further" {
	tiny_features
	features_of axis vgg.safetensors '--axis sagittal' ''
	hmm-joint --train --model cnn --modality T1w -q --epochs 1 -o cnn <features.hmm
	hmm-joint --train --model hypermm -q --epochs 1 -o joint <features.hmm
	hmm-vae --train -q --epochs 1 --hidden 8 --latents 4 -o vae <features.hmm
	for model in cnn joint vae; do
		program=hmm-$([ $model = vae ] && echo vae || echo joint)
		$program -w $model <features.hmm >/dev/null
		refuse 1 "subject sub-0..: .* was made by hmm-slice with axis=sagittal, but $model was trained on data made with axis=axial" \
			bash -o pipefail -c "$program -w $model <axis.hmm 2>&1 | grep -v warning: >&2"
		$program -w $model --any-history <axis.hmm >/dev/null
	done
	refuse 1 'axis=sagittal, but cnn was trained on data made with axis=axial' \
		bash -o pipefail -c 'hmm-joint --train -w cnn --modality T1w -q --epochs 1 -o further <axis.hmm 2>&1 | grep -v warning: >&2'
	[ ! -e further ]
	# a modality that it does not know is another matter
	hmm-joint --train -w cnn --modality trc-18FFDG_pet -q --epochs 1 -o further <axis.hmm
	hmm-joint -w further --modality T1w <features.hmm >/dev/null
	hmm-joint -w further --modality trc-18FFDG_pet <axis.hmm >/dev/null
	refuse 1 'trc-18FFDG_pet was made by hmm-slice with axis=axial, but further' \
		bash -o pipefail -c 'hmm-joint -w further --modality trc-18FFDG_pet <features.hmm 2>&1 | grep -v warning: >&2'
}

# T1w axial, PET coronal.
mixed() {
	tiny_study
	grep -v pet.nii manifest.tsv >t1w.tsv
	grep -v T1w.nii manifest.tsv >pet.tsv
	{
		extract -w vgg.safetensors -c cache t1w.tsv
		extract -w vgg.safetensors -c cache --slice '--axis coronal' pet.tsv | tail -n +2
	} >mixed.tsv
	hmm-gather -c cache mixed.tsv >mixed.hmm
}

@test "history: by modality, from the images through sets to the prediction" {
	mixed
	hmm-condition --train -q --epochs 1 -o phi.safetensors <mixed.hmm
	hmm-condition -w phi.safetensors <mixed.hmm | hmm-setsum --subsets singles >sets.hmm
	hmm-rho --train -q --epochs 1 -o rho.safetensors <sets.hmm
	hmm-rho -w rho.safetensors <sets.hmm >want.tsv
	# the order of the subjects, and who comes next, is nothing to a set
	hmm-gather -c cache <(head -n 1 mixed.tsv; tail -n +2 mixed.tsv | sort -r) | hmm-condition -w phi.safetensors |
		hmm-setsum --subsets singles | cmp - sets.hmm
	hmm-show --json sets.hmm >/dev/null
	both=$(awk -F'\t' '{ seen[$1] = seen[$1] $2 } END { for (s in seen) if (seen[s] ~ /T1w/ && seen[s] ~ /pet/) { print s; exit } }' mixed.tsv)
	hmm-gather -c cache <(grep -E "^(subject|$both)" mixed.tsv) | hmm-condition -w phi.safetensors | hmm-setsum | hmm-show --json | head -n 1 >head.json
	jq -e '[.histories[] | {(.modality): (.history[0].options | split(" ")[0])}] | add ==
		{"T1w": "axis=axial", "trc-18FFDG_pet": "axis=coronal"}' head.json
	jq -e '[.histories[].history | map(.program)] | unique == [["hmm-slice","hmm-vgg","hmm-gather","hmm-condition","hmm-setsum"]]' head.json
	# exchanged, both are refused; a set that has only one of them too
	awk -F'\t' -v OFS='\t' 'NR > 1 { $2 = $2 == "T1w" ? "trc-18FFDG_pet" : "T1w" } 1' mixed.tsv >exchanged.tsv
	refuse 1 'made by hmm-slice with axis=' sh -c 'hmm-gather -c cache exchanged.tsv | hmm-condition -w phi.safetensors'
	hmm-gather -c cache exchanged.tsv | hmm-condition -w phi.safetensors --any-history | hmm-setsum >other.hmm
	refuse 1 'made by hmm-slice with axis=' sh -c 'hmm-rho -w rho.safetensors <other.hmm'
	# what it was trained on stands in the model, and in what hmm-show prints of it
	hmm-show phi.safetensors | grep -q 'axis=coronal'
}

@test "history: a stream or a model without one is refused, for that reason" {
	chain
	bare=$root/tests/golden/trajectory.sets.hmm # as another program may write a stream
	refuse 1 'subject sub-0: no history says how .* was made \(--any-history takes it\)' sh -c "hmm-rho --train -o x <$bare"
	[ ! -e x ]
	hmm-rho --train -q --epochs 1 --any-history -o any.safetensors <"$bare"
	refuse 1 'any.safetensors has no history: it does not say what it was trained on \(--any-history takes it\)' \
		sh -c "hmm-rho -w any.safetensors <$bare"
	hmm-rho -w any.safetensors --any-history <"$bare" >have.tsv
	[ "$(wc -l <have.tsv)" -gt 2 ]
	hmm-show any.safetensors | grep -q 'options.* any-history'
	width=$(hmm-weights any.safetensors | sed -n 's/^rho.0.weight	F32	(512,\(.*\))$/\1/p')
	hmm-rho --train -q --epochs 1 -o rho.safetensors <sets.hmm
	refuse 1 'record 1 \(sub-.*\): no history says how .* was made' sh -c "hmm-rho -w rho.safetensors <$bare"
	[ "$width" -gt 0 ]
}

@test "history: the validation is made as what is trained on" {
	mixed
	# the same modality, sagittal in the validation alone
	grep -E '^subject|	val	' manifest.tsv >val.tsv
	extract -w vgg.safetensors -c cache manifest.tsv | grep -v '	val	' >some.tsv
	extract -w vgg.safetensors -c cache --slice '--axis sagittal' val.tsv | tail -n +2 >>some.tsv
	refuse 1 'was made by hmm-slice with axis=sagittal, but the model was trained on data made with axis=axial' \
		sh -c 'hmm-gather -c cache some.tsv | hmm-condition --train -o x'
	[ ! -e x ]
}

@test "history: without a split to learn from, and without one to watch" {
	tiny_study
	hmm-split --ratio 7:0:3 manifest.tsv >none.tsv
	extract -w vgg.safetensors -c cache manifest.tsv | hmm-gather -c cache >all.hmm
	extract -w vgg.safetensors -c cache none.tsv | hmm-gather -c cache >none.hmm
	awk -F'\t' -v OFS='\t' 'NR > 1 { $5 = "n/a" } 1' manifest.tsv >nowhere.tsv
	extract -w vgg.safetensors -c cache nowhere.tsv | hmm-gather -c cache >nowhere.hmm
	fixed='--epochs 2 --stop-on training --schedule constant --checkpoint last'
	for program in hmm-condition hmm-vae 'hmm-joint --model cnn' 'hmm-joint --model multi-cnn'; do
		refuse 1 "no (labelled )?records of split 'train': hmm-split assigns" sh -c "$program --train -o x <nowhere.hmm"
		refuse 1 "no labelled records of split 'val': .* \\(without: --stop-on training" bash -o pipefail -c "$program --train -o x <none.hmm 2>&1 | grep -v warning: >&2"
		[ ! -e x ]
		sh -c "$program --train $fixed --curve curve -o x <none.hmm"
		[ "$(wc -l <curve)" = 3 ]
		rm x
	done
	# nothing that is watched changes what is learned
	hmm-condition --train $fixed -o a <all.hmm
	hmm-gather -c cache <(extract -w vgg.safetensors -c cache manifest.tsv | grep -v '	val	') | hmm-condition --train $fixed -o b
	cmp a b
}

@test "history: hmm-show prints that of each stream that follows" {
	mixed
	cat mixed.hmm mixed.hmm | hmm-show >shown
	[ "$(grep -c '^# hmm-slice' shown)" = "$((2 * $(hmm-show mixed.hmm | grep -c '^# hmm-slice')))" ]
	[ "$(grep -c '^subject' shown)" = 1 ]
	cat mixed.hmm mixed.hmm | hmm-show --json | grep -c '"kind"' | grep -qx "$(grep -c '^# hmm-slice' shown)"
}

@test "predictions: a logit that is no number is refused, with its subject" {
	tiny_sets
	fixed='--epochs 1 --stop-on training --schedule constant --checkpoint last --batch 100 --learning-rate 1e15'
	awk -F'\t' -v OFS='\t' '{ sub(/^val$/, "test", $5) } 1' features.tsv | hmm-gather -c cache >none.hmm
	hmm-condition -w phi.safetensors <none.hmm | hmm-setsum >none-sets.hmm
	refuse 1 'epoch 1: the last loss is not finite' sh -c "hmm-rho -q --train $fixed -o x <none-sets.hmm"
	refuse 1 'the last loss is not finite' sh -c "hmm-joint -q --train --model cnn $fixed -o x <none.hmm"
	[ ! -e x ]
}
