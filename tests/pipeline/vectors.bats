load helper

# The golden vectors with labels, of 4, 7 and 4 numbers: features.hmm.
vectors() {
	cp "$root"/tests/golden/record.{blood.csv,clinic.tsv,tiles.npz,manifest.tsv} .
	awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = substr($1, 2) % 2 } $1 > "p12" && $5 == "train" { $5 = "val" } 1' record.manifest.tsv >manifest.tsv
	hmm-record -q --train -o encoder manifest.tsv
	hmm-record -q -w encoder manifest.tsv >features.hmm 2>/dev/null
	[ "$(hmm-show features.hmm | awk -F'\t' '/^p/ { print $3 $10 }' | sort -u | paste -sd' ')" = 'blood(4,1,1) clinic(7,1,1) tiles(4,1,1)' ]
}
# What a model's file says of itself.
facts() { head -c "$(($(od -An -tu8 -N8 "$1") + 8))" "$1"; }
# The records of one modality.
only() { hmm-record -q -w encoder <(awk -F'\t' -v of="$1" 'NR == 1 || $2 == of' manifest.tsv) 2>/dev/null; }
# A stream in which blood has the seven numbers of the clinic.
wrong() {
	awk -F'\t' -v OFS='\t' '$2 == "blood" { next } $2 == "clinic" { $2 = "blood" } 1' manifest.tsv >wrong.tsv
	hmm-record -q --train -o other wrong.tsv
	hmm-record -q -w other wrong.tsv 2>/dev/null
}

@test "vectors: each modality is learned at its own width, and a model says which" {
	vectors
	hmm-condition -q --train --epochs 3 --batch 4 -o phi <features.hmm
	for fact in '"modality.0":"blood"' '"channels.0":"4"' '"modality.1":"clinic"' '"channels.1":"7"' '"channels.2":"4"'; do
		facts phi | grep -qF "$fact"
	done
	hmm-condition -w phi <features.hmm >all.hmm
	[ "$(hmm-show all.hmm | awk -F'\t' '/^p/ { print $10 }' | sort -u)" = '(7,1,1)' ]
	# the widest modality need not be there
	only blood | hmm-condition -w phi >some.hmm
	diff <(hmm-show all.hmm | awk -F'\t' '$3 == "blood"') <(hmm-show some.hmm | awk -F'\t' '$3 == "blood"')
	hmm-setsum <all.hmm | hmm-rho -q --train --epochs 2 --hidden 5 -o rho
	hmm-setsum <all.hmm | hmm-rho -w rho >predictions.tsv
	[ "$(wc -l <predictions.tsv)" -gt 20 ]
	# from a file as through a pipe, and with any number of threads
	cat features.hmm | hmm-condition -q --train --epochs 3 --batch 4 -j 1 -o piped
	cmp phi piped
	# of one width nothing is said
	only tiles | hmm-condition -q --train --epochs 1 -o plain
	! facts plain | grep -E 'channels|latent' || return 1
}

@test "vectors: the width of the latent, and of the classifier beside it" {
	vectors
	hmm-condition -q --train --epochs 1 --latent 3 --hidden 9,5 -o phi <features.hmm
	hmm-condition -w phi <features.hmm >latents.hmm
	[ "$(hmm-show latents.hmm | awk -F'\t' '/^p/ { print $10 }' | sort -u)" = '(3,1,1)' ]
	facts phi | grep -qF '"latent":"3"'
	hmm-weights phi | grep 'output.bias' | grep -qw "$((3 * 7 + 3))"
	hmm-joint -q --train --model hypermm --latent 3 --hidden 4 --epochs 1 -o joint <features.hmm
	hmm-joint -w joint <features.hmm >predictions.tsv
	hmm-weights joint | grep 'rho.0.0.weight' | grep -q 4,3
	hmm-condition -q --train --warm-start phi --epochs 1 -o further <features.hmm
	hmm-condition -w further <features.hmm | hmm-show | grep -q '(3,1,1)'
	refuse 1 'phi: latents of 3 channels, want 4' hmm-condition -q --train --warm-start phi --latent 4 -o x <features.hmm
	refuse 2 'latent: found 0, want 1 to' hmm-condition --train --latent 0 -o x <features.hmm
	refuse 2 'are for a new model' hmm-joint -w joint --latent 3 <features.hmm
	# of wide vectors 64 are the default
	printf 'k\t%s\n' "$(seq -s "$(printf '\t')" 100)" >wide.tsv
	for i in $(seq 150); do printf 's%d\t%s\n' $i "$(seq -s "$(printf '\t')" $((i * i)) $((i * i + 99)))"; done >>wide.tsv
	hmm-manifest -q --vectors wide=wide.tsv | awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = NR % 2; $5 = NR > 5 ? "val" : "train" } 1' >wide.manifest
	hmm-record -q --train -o wide.encoder wide.manifest
	hmm-record -q -w wide.encoder wide.manifest >wide.hmm
	hmm-condition -q --train --epochs 1 --batch 9 -o wide <wide.hmm 2>/dev/null
	hmm-weights wide | grep 'output.bias' | grep -qw "$((64 * 100 + 64))"
	# one vector alone becomes what it becomes among many
	hmm-condition -w wide -j 1 <wide.hmm | hmm-show | grep '^s7	' >among
	hmm-record -q -w wide.encoder <(sed -n '1p; /^s7	/p' wide.manifest) | hmm-condition -w wide | hmm-show | grep '^s7	' >alone
	diff among alone
}

@test "vectors: every system takes modalities of different widths, and none in another width" {
	vectors
	wrong >wrong.hmm
	try() { # PROGRAM OPTIONS...
		"$1" -q --train "${@:2}" -o model <features.hmm
		# whom else there are, and how wide, changes no score: as much when all are of one modality
		only blood >some.hmm
		"$1" -w model <some.hmm >want.tsv
		cat some.hmm | "$1" -w model >have.tsv
		diff want.tsv have.tsv
		[ "$(wc -l <want.tsv)" -gt 20 ]
		"$1" -w model <features.hmm >all.tsv
		[ "$(wc -l <all.tsv)" -gt 20 ]
		refuse 1 "modality 'blood': 7 channels, but model wants 4" "$1" --any-history -w model <wrong.hmm
	}
	try hmm-linear --model mean
	try hmm-linear --model concat
	try hmm-vae --epochs 2 --hidden 8 --latents 3
	try hmm-joint --model hypermm --epochs 2 --hidden 8
	refuse 1 "modality 'blood' has 4 channels, others up to 7: one convolution for all" hmm-joint -q --train --model cnn --epochs 1 -o x <features.hmm
	refuse 1 'one convolution for all' hmm-joint -q --train --model hypermm --unconditional --epochs 1 -o x <features.hmm
	hmm-joint -q --train --model multi-cnn --epochs 2 --hidden 8 -o model <features.hmm 2>/dev/null
	hmm-joint -w model <features.hmm >all.tsv 2>/dev/null
	[ "$(wc -l <all.tsv)" -gt 10 ]
	# of one modality alone the model is as wide as that one
	hmm-linear -q --train --model mean --modality blood -o model <features.hmm
	hmm-linear -w model <features.hmm >all.tsv
	hmm-weights model | grep -w weight | grep -q '1,4'
	hmm-joint -q --train --model cnn --modality blood --hidden 8 --epochs 1 -o model <features.hmm
	hmm-joint -w model --modality blood <features.hmm >all.tsv
	hmm-weights model | grep -w conv.0.weight | grep -q '4,4'
	hmm-condition -q --train --epochs 1 -o model <features.hmm
	refuse 1 'shape .7,1,1., want 4 channels, which model has learned' hmm-condition --any-history -w model <wrong.hmm
	# records of one modality are all alike
	refuse 1 "shape .7,1,1., want .4,1,1. as those before it of its modality" sh -c 'cat "$1" "$2" | hmm-condition -q --any-history --train -o x' sh some.hmm wrong.hmm
}

@test "vectors: other kinds of streams have one shape" {
	vectors
	hmm-condition -q --train --epochs 1 --latent 3 -o three <features.hmm
	hmm-condition -q --train --epochs 1 --latent 4 -o four <features.hmm
	only blood | hmm-condition --any-history -w three | hmm-setsum >sets.hmm
	only tiles | hmm-condition --any-history -w four | hmm-setsum >>sets.hmm
	refuse 1 'shape .4,1,1., want .3,1,1.' hmm-rho -q --any-history --train -o x <sets.hmm
}
