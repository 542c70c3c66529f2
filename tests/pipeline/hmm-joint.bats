load helper

header=$(printf 'subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities\timputed\tobserved')

# Every system, as its options.
systems() {
	cat <<-END
		--model hypermm
		--model hypermm --reduce sum
		--model hypermm --reduce max
		--model hypermm --unconditional
		--model cnn
		--model cnn --modality T1w
		--model multi-cnn
		--model multi-cnn --impute mean
		--model multi-cnn --fuse scores
	END
}

# The subjects of the table that have both modalities, or this one: complete [MODALITY].
complete() {
	awk -F'\t' -v m="${1:-}" 'NR > 1 && (m == "" || $2 == m) { n[$1]++ }
		END { for (s in n) if (n[s] == (m == "" ? 2 : 1)) print s }' features.tsv | sort
}

@test "hmm-joint: every system lowers its loss, and predicts each subject that has what it wants" {
	tiny_features
	complete >both
	complete T1w >t1w
	[ "$(wc -l <both)" -lt 12 ]
	[ "$(wc -l <t1w)" -lt 12 ]
	while read -r system; do
		hmm-joint -q --train $system --epochs 8 --learning-rate 1e-3 --curve curve.tsv -o m.safetensors <features.hmm
		awk -F'\t' 'NR == 2 { first = $3 } { last = $3 } END { exit !(last < 0.9 * first) }' curve.tsv
		hmm-joint -w m.safetensors <features.hmm >predictions.tsv
		[ "$(head -n 1 predictions.tsv)" = "$header" ]
		tail -n +2 predictions.tsv | cut -f 1 >subjects
		case $system in
		*impute*) [ "$(wc -l <subjects)" = 12 ] ;;
		*multi-cnn*) cmp subjects both ;;
		*T1w*) cmp subjects t1w ;;
		*) [ "$(wc -l <subjects)" = 12 ] ;;
		esac
		awk -F'\t' 'NR > 1 { d = $6 - 1 / (1 + exp(-$5)); if (d * d > 1e-14) exit 1 }' predictions.tsv
		hmm-score --bootstrap 10 predictions.tsv | grep -q '^test	auc	'
	done < <(systems)
}

@test "hmm-joint: the same bytes for any number of threads and any order of arrival" {
	tiny_features
	for half in T1w pet; do
		awk -F'\t' -v m="$half" 'NR == 1 || $2 ~ m' features.tsv | hmm-gather -c cache >"$half.hmm"
	done
	cat pet.hmm T1w.hmm >shuffled.hmm
	while read -r system; do
		for j in 1 2 5; do
			hmm-joint -q --train $system --epochs 2 --dropout 0.3 -s 4 -j $j -o $j.safetensors <features.hmm
			hmm-joint -q -w 1.safetensors -j $j <features.hmm >$j.tsv
		done
		cmp 1.safetensors 2.safetensors
		cmp 1.safetensors 5.safetensors
		cmp 1.tsv 2.tsv
		cmp 1.tsv 5.tsv
		hmm-joint -q --train $system --epochs 2 --dropout 0.3 -s 4 -o shuffled.safetensors <shuffled.hmm
		cmp 1.safetensors shuffled.safetensors
		hmm-joint -q -w 1.safetensors <shuffled.hmm | cmp - 1.tsv
		hmm-joint -q --train $system --epochs 2 --dropout 0.3 -s 5 -o other.safetensors <features.hmm
		differ 1.safetensors other.safetensors
	done < <(systems)
}

@test "hmm-joint: missing modalities are counted in a warning; hypermm and late fusion want none" {
	tiny_features
	missing=$((12 - $(complete | wc -l)))
	hmm-joint -q --train --model multi-cnn --epochs 1 -o multi.safetensors <features.hmm 2>said
	grep -q '^hmm-joint: warning: [0-9]* subjects* of split train lacks* a modality' said
	hmm-joint -w multi.safetensors <features.hmm 2>said >predictions.tsv
	grep -q "^hmm-joint: warning: $missing subjects lack a modality that the model wants and are left out" said
	for system in 'hypermm' 'cnn'; do
		hmm-joint -q --train --model $system --epochs 1 -o m.safetensors <features.hmm 2>said
		hmm-joint -w m.safetensors <features.hmm 2>>said >predictions.tsv
		[ ! -s said ]
		tail -n +2 features.tsv | sort | awk -F'\t' '{ m[$1] = m[$1] (m[$1] == "" ? "" : "+") $2 }
			END { for (s in m) print s "\t" m[s] }' | sort >want
		tail -n +2 predictions.tsv | cut -f 1,7 | cmp - want
	done
	# with one modality in the stream no subject is complete
	awk -F'\t' 'NR == 1 || $2 ~ "pet"' features.tsv | hmm-gather -c cache >pet.hmm
	[ "$(hmm-joint -w multi.safetensors <pet.hmm 2>said)" = "$header" ]
}

@test "hmm-joint: --impute mean takes the training's mean of what a subject lacks, and keeps it" {
	tiny_features
	hmm-joint -q --train --model multi-cnn --impute mean --epochs 2 --learning-rate 1e-3 -o m.safetensors <features.hmm 2>said
	hmm-joint -w m.safetensors <features.hmm >predictions.tsv 2>>said
	[ ! -s said ]
	# who lacks one, and what there is, stand there as they are
	tail -n +2 features.tsv | sort | awk -F'\t' '{ m[$1] = m[$1] (m[$1] == "" ? "" : "+") $2 }
		END { for (s in m) print s "\t" m[s] "\tn/a" }' | sort >want
	tail -n +2 predictions.tsv | cut -f 1,7,8 | cmp - want
	hmm-weights m.safetensors | grep -q '^mean	.*2,'
	# the means are those of train, whoever is predicted, and in a pipe as in a file
	awk -F'\t' 'NR == 1 || $5 != "train"' features.tsv | hmm-gather -c cache | hmm-joint -w m.safetensors >others.tsv
	grep -vP '\ttrain\t' predictions.tsv | cmp - others.tsv
	# trained further it keeps them, on other data too
	awk -F'\t' -v OFS='\t' 'NR > 1 && $5 == "val" { $5 = "train" } 1' features.tsv | hmm-gather -c cache >more.hmm
	hmm-joint -q --train -w m.safetensors --stop-on training --schedule constant --checkpoint last --learning-rate 0 --epochs 1 -o n.safetensors <more.hmm
	hmm-joint -w n.safetensors <features.hmm | cmp - predictions.tsv
	# a modality that is unknown to it is none that it has a mean of
	sed 's/T1w/T2w/' features.tsv | hmm-gather -c cache >t2w.hmm
	refuse 1 "modality 'T2w' is unknown" hmm-joint -w m.safetensors --any-history <t2w.hmm
	refuse 2 'impute mean is for multi-cnn' hmm-joint --train --model hypermm --impute mean -o x <features.hmm
	refuse 2 'impute mean is for multi-cnn' hmm-joint --train --model multi-cnn --fuse scores --impute mean -o x <features.hmm
	refuse 2 'the like are for a new model' hmm-joint --train -w m.safetensors --impute mean -o x <features.hmm
	refuse 2 'impute: found .median., want none.mean' hmm-joint --train --model multi-cnn --impute median -o x <features.hmm
	# a file that says it imputes, and has no means
	sed 's/"name":"mean"/&/; s/"mean":{/"xean":{/' m.safetensors >forged.safetensors
	refuse 1 'mean' hmm-joint -w forged.safetensors <features.hmm
}

@test "hmm-joint: several images of a modality: sets and late fusion take them, multi-cnn does not" {
	tiny_features
	cat features.hmm features.hmm >twice.hmm
	# the mean over images that stand there twice is the mean
	for system in '--model hypermm' '--model cnn'; do
		hmm-joint -q --train $system --epochs 2 --learning-rate 1e-3 -o m.safetensors <twice.hmm
		hmm-joint -w m.safetensors <features.hmm | cut -f 1,6 >once
		hmm-joint -w m.safetensors <twice.hmm | cut -f 1,6 >twice
		paste once twice | awk 'NR > 1 && ($1 != $3 || ($2 - $4) ^ 2 > 1e-12) { exit 1 }'
	done
	refuse 1 'several images of modality T1w' sh -c 'hmm-joint --train --model multi-cnn -o x <twice.hmm'
	[ ! -e x ]
}

@test "hmm-joint: a patient's score is the mean of its images' probabilities, or their vote" {
	tiny_features
	hmm-joint -q --train --model cnn --epochs 3 --learning-rate 1e-3 -o cnn.safetensors <features.hmm
	hmm-joint -w cnn.safetensors <features.hmm >mean.tsv
	hmm-joint -w cnn.safetensors --patient-score vote <features.hmm >vote.tsv
	for m in T1w trc-18FFDG_pet; do
		hmm-joint -q -w cnn.safetensors --modality "$m" <features.hmm 2>/dev/null | tail -n +2
	done >single.tsv
	awk -F'\t' 'FNR == NR { n[$1]++; p[$1] += $6; v[$1] += $6 > 0.5; next }
		FNR > 1 { d = $6 - (FILENAME == "mean.tsv" ? p[$1] : v[$1]) / n[$1]; if (d * d > 1e-14) exit 1 }' single.tsv mean.tsv vote.tsv
	[ "$(tail -n +2 vote.tsv | cut -f 5 | sort -u)" = n/a ]
	hmm-score --bootstrap 10 vote.tsv | grep -q '^test	acc	'
}

@test "hmm-joint: training goes on from -w, and remembers all modalities it has learned" {
	tiny_features
	hmm-joint -q --train --model cnn --modality T1w --epochs 3 -o a.safetensors <features.hmm
	grep -aq '"model":"cnn"' a.safetensors
	! grep -aq 'modality.1' a.safetensors || return 1
	hmm-joint -q --train -w a.safetensors --modality trc-18FFDG_pet --epochs 3 -o b.safetensors <features.hmm
	grep -aq '"modality.0":"T1w","modality.1":"trc-18FFDG_pet"' b.safetensors
	[ "$(hmm-joint -w b.safetensors <features.hmm | wc -l)" = 13 ]
	! grep -aq unconditional b.safetensors || return 1
	# it starts from the weights: with a learning rate of 0 they stay
	hmm-joint -q --train -w a.safetensors --modality T1w --learning-rate 0 --epochs 1 -o same.safetensors <features.hmm
	hmm-joint -q -w same.safetensors <features.hmm >same.tsv
	hmm-joint -q -w a.safetensors <features.hmm | cmp - same.tsv
	for system in hypermm multi-cnn; do
		hmm-joint -q --train --model $system --epochs 1 -o a.safetensors <features.hmm
		hmm-joint -q --train --model $system -w a.safetensors --epochs 1 -o b.safetensors <features.hmm
		hmm-joint -q -w b.safetensors <features.hmm >predictions.tsv
	done
	refuse 1 'of kind multi-cnn, want cnn' sh -c 'hmm-joint --train --model cnn -w b.safetensors -o x <features.hmm'
	refuse 2 'are for a new model' sh -c 'hmm-joint --train -w b.safetensors --hidden 8 -o x <features.hmm'
}

@test "hmm-joint: both presets and every option run" {
	tiny_features
	for options in '--preset code' '--hidden 8' '--hidden 16,8,4 --dropout 0.2' '--class-weight balanced' \
		'--batch 3 --init pytorch' '--schedule step --stop-on training' '--checkpoint auc --epochs 8' \
		'--round-losses yes --patience 1' '--weight-decay 0 --schedule constant'; do
		for system in hypermm cnn multi-cnn; do
			hmm-joint -q --train --model $system --epochs 2 $options -o m.safetensors <features.hmm
			hmm-joint -q -w m.safetensors -o predictions.tsv <features.hmm
			[ "$(wc -l <predictions.tsv)" -gt 1 ]
		done
	done
}

@test "hmm-joint: an unknown modality is an error, where all must be known" {
	tiny_features
	sed 's/\tT1w\t/\tT2w\t/' features.tsv | hmm-gather -c cache >other.hmm
	for system in hypermm multi-cnn; do
		hmm-joint -q --train --model $system --epochs 1 -o m.safetensors <features.hmm
		refuse 1 "modality 'T2w' is unknown to the model, which knows T1w, trc-18FFDG_pet" \
			sh -c 'hmm-joint -w m.safetensors <other.hmm'
	done
	hmm-joint -q --train --model cnn --modality T1w --epochs 1 -o cnn.safetensors <features.hmm
	[ "$(hmm-joint -w cnn.safetensors <other.hmm 2>said)" = "$header" ]
	refuse 1 "modality 'T2w' is not among those of the model" sh -c 'hmm-joint -w cnn.safetensors --modality T2w <features.hmm'
	refuse 1 "modality 'T2w' is not among those of the data" sh -c 'hmm-joint --train --model cnn --modality T2w -o x <features.hmm'
	refuse 1 'are for cnn, not for multi-cnn' sh -c 'hmm-joint -w m.safetensors --modality T1w <features.hmm'
}

@test "hmm-joint: refuses other models, other shapes, options that make no sense" {
	tiny_sets
	hmm-joint -q --train --model hypermm --epochs 1 -o m.safetensors <features.hmm
	refuse 1 'stream of sets, want features' sh -c 'hmm-joint -w m.safetensors <sets.hmm'
	refuse 1 'not a model of hmm-joint' sh -c 'hmm-joint -w phi.safetensors <features.hmm'
	refuse 1 'not a model of hmm-rho' sh -c 'hmm-rho -w m.safetensors <sets.hmm'
	refuse 2 'want either' sh -c 'hmm-joint <features.hmm'
	refuse 2 'want either' sh -c 'hmm-joint --train --model cnn <features.hmm'
	refuse 2 'wants --model' sh -c 'hmm-joint --train -o x <features.hmm'
	refuse 2 'less than 1' sh -c 'hmm-joint --train --model cnn --dropout 1 -o x <features.hmm'
	refuse 2 'want up to 7 widths' sh -c 'hmm-joint --train --model cnn --hidden 4,x -o x <features.hmm'
	refuse 1 'empty' sh -c 'hmm-joint -w m.safetensors </dev/null'
	hmm-gather -c cache features.tsv | head -c 3000 >cut.hmm
	refuse 1 'standard input: ' sh -c 'hmm-joint -w m.safetensors <cut.hmm'
	head -n 1 features.tsv | hmm-gather -c cache >none.hmm
	refuse 1 'no records' sh -c 'hmm-joint -w m.safetensors <none.hmm'
	hmm-split --ratio 1:1 features.tsv | hmm-gather -c cache >noval.hmm
	refuse 1 "no labelled records of split 'val'" sh -c 'hmm-joint --train --model cnn -o x <noval.hmm'
	refuse 1 'not finite' sh -c 'hmm-joint -q --train --model hypermm --learning-rate 1e30 -o x <features.hmm'
	hmm-weights --random vgg11 --width 0.05 -o wide.safetensors
	extract -w wide.safetensors -c cache manifest.tsv | hmm-gather -c cache >wide.hmm
	refuse 1 '26 channels, but m.safetensors wants 15' sh -c 'hmm-joint -w m.safetensors <wide.hmm'
	[ ! -e x ]
}

@test "hmm-joint: what is to calibrate on trains nothing, and is predicted" {
	tiny_features
	awk -F'\t' -v OFS='\t' '{ $5 = $5 == "test" ? "cal" : $5; print }' features.tsv | hmm-gather -c cache >cal.hmm
	hmm-joint -q --train --model hypermm --epochs 2 -o test.safetensors <features.hmm
	hmm-joint -q --train --model hypermm --epochs 2 -o cal.safetensors <cal.hmm 2>errors
	[ ! -s errors ]
	cmp test.safetensors cal.safetensors
	hmm-joint -w cal.safetensors <cal.hmm | cut -f 3 | grep -qx cal
}
