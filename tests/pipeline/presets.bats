load helper

# Three options are not of a training's choices, but of what data a model takes.
of_training() { grep -vxE '(any-history|skip-unknown|imputed)	no' "$1"; }

# What --show-options prints, against tables that follow METHOD.md, section 5, and the man pages.
# shows PROGRAM OPTION... <TABLE: name, value of paper, value of code
shows() {
	local column=2 preset
	sed 's/^[[:space:]]*//' >table
	for preset in paper code; do
		{
			awk -v c=$column '{ print $1 "\t" $c }' table
			printf '%s\tn/a\n' target loss times # the binary target, and its loss
		} | sort >want
		"$@" --preset $preset --show-options </dev/null >have
		diff want <(of_training have | sort)
		column=$((column + 1))
	done
	"$@" --show-options | cmp - <("$@" --preset paper --show-options)
}

@test "presets: hmm-condition" {
	shows hmm-condition <<-END
		latent        n/a        n/a
		hidden        512        512
		preset        paper      code
		epochs        100        50
		min-epochs    0          0
		patience      10         10
		batch         1          1
		shuffle-buffer n/a       n/a
		learning-rate 0.0001     0.0001
		weight-decay  0.0005     0.0005
		schedule      plateau    plateau
		stop-on       validation training
		checkpoint    loss       last
		round-losses  no         yes
		seed          0          0
		order         images     subjects
		init          hyperfan   pytorch
	END
}

@test "presets: hmm-rho" {
	shows hmm-rho <<-END
		preset        paper      code
		epochs        100        100
		min-epochs    0          0
		patience      10         10
		batch         1          1
		shuffle-buffer n/a       n/a
		learning-rate 0.0001     0.0001
		weight-decay  0.0005     0.0005
		schedule      plateau    plateau
		stop-on       validation validation
		checkpoint    loss       auc
		round-losses  no         yes
		seed          0          0
		hidden        512,128    512
		dropout       0          0.5
		class-weight  none       none
		subset-loss   none       none
		val-loss      observed   subsets
	END
}

# What is the same for all systems of hmm-joint.
joint() {
	cat
	cat <<-END
		modality      n/a        n/a
		reduce        mean       mean
		fuse          concat     concat
		init          hyperfan   pytorch
		class-weight  none       none
		preset        paper      code
		epochs        100        100
		min-epochs    0          0
		patience      10         10
		batch         1          1
		shuffle-buffer n/a       n/a
		learning-rate 0.0001     0.0001
		weight-decay  0.0005     0.0005
		schedule      plateau    plateau
		stop-on       validation validation
		checkpoint    loss       auc
		round-losses  no         yes
		seed          0          0
	END
}

@test "presets: hmm-joint, hypermm" {
	joint <<-END >all
		model         hypermm    hypermm
		unconditional no         no
		impute        n/a        n/a
		latent        n/a        n/a
		hidden        512,128    512
		dropout       0          0.5
	END
	shows hmm-joint --model hypermm <all
	sed -i 's/^\([[:space:]]*unconditional\) .*/\1 yes yes/' all
	shows hmm-joint --model hypermm --unconditional <all
}

@test "presets: hmm-joint, cnn and multi-cnn" {
	for model in cnn multi-cnn; do
		joint <<-END | shows hmm-joint --model $model
			model         $model     $model
			unconditional no         no
			impute        n/a        n/a
			latent        n/a        n/a
			hidden        512        512
			dropout       0          0
		END
	done
}

@test "presets: hmm-vae" {
	shows hmm-vae <<-END
		latents       64         64
		hidden        512,512    512,512
		lambda        1          1
		anneal        200        200
		class-weight  none       none
		preset        paper      code
		epochs        500        500
		min-epochs    0          0
		patience      500        500
		batch         16         16
		shuffle-buffer n/a       n/a
		learning-rate 0.001      0.001
		weight-decay  0          0
		schedule      constant   constant
		stop-on       validation validation
		checkpoint    loss       auc
		round-losses  no         yes
		seed          0          0
	END
}

@test "presets: what is given stands, and what makes no sense is refused" {
	hmm-rho --show-options --preset code --hidden 8,4 --dropout 0 --val-loss observed --epochs 3 \
		--batch 7 --shuffle-buffer 64 --learning-rate 0.5 --weight-decay 0 --schedule step --stop-on training \
		--checkpoint last --round-losses no --patience 2 --min-epochs 1 -s 9 --subset-loss all \
		--class-weight balanced >have
	printf '%s\n' 'preset code' 'epochs 3' 'min-epochs 1' 'patience 2' 'batch 7' 'shuffle-buffer 64' 'learning-rate 0.5' \
		'weight-decay 0' 'schedule step' 'stop-on training' 'checkpoint last' 'round-losses no' \
		'seed 9' 'target n/a' 'loss n/a' 'times n/a' 'hidden 8,4' 'dropout 0' 'class-weight balanced' 'subset-loss all' \
		'val-loss observed' | tr ' ' '\t' | diff - <(of_training have)
	hmm-condition --show-options --preset code --order images --init hyperfan >have
	grep -q '^order	images$' have
	grep -q '^init	hyperfan$' have
	[ "$(hmm-joint --show-options --model cnn --modality $'a\tb' | grep '^modality')" = $'modality\ta\\tb' ]
	refuse 2 'want up to 7 widths' hmm-rho --show-options --hidden 4,x
	refuse 2 'want 1 or more' hmm-condition --show-options --batch 0
	refuse 2 'want 1 or more' hmm-vae --show-options --epochs 0
	refuse 2 'want 1 or more' hmm-joint --model cnn --show-options --patience 0
	refuse 1 'standard output' sh -c 'hmm-rho --show-options >/dev/full'
}

@test "presets: a model to train further says what it is" {
	tiny_features
	hmm-joint -q --train --model multi-cnn --fuse scores --epochs 1 -o m.safetensors <features.hmm
	hmm-joint -w m.safetensors --show-options --preset code >have
	grep -q '^model	multi-cnn$' have
	grep -q '^fuse	scores$' have
	grep -q '^dropout	0$' have
}
