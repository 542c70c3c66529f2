#!/usr/bin/env bats

setup() {
	PATH="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}:$PATH"
	data="${HMM_DATA:-$BATS_TEST_DIRNAME/../../../shared/data}"
	cd "$BATS_TEST_TMPDIR"
}

# touch, with the folders above.
image() {
	for file; do
		mkdir -p "$(dirname "$file")"
		: >"$file"
	done
}

table() {
	printf '%b\n' "$@"
}

small_bids() {
	image bids/sub-02/anat/sub-02_T1w.nii.gz bids/sub-01/anat/sub-01_T1w.nii.gz \
		bids/sub-01/anat/sub-01_acq-x_ce-gad_run-2_T1w.nii bids/sub-01/anat/sub-01_T1w.json \
		bids/sub-01/pet/sub-01_trc-18FFDG_pet.nii.gz bids/derivatives/x/sub-01/anat/sub-01_T1w.nii.gz \
		bids/sourcedata/sub-01/anat/sub-01_T1w.nii.gz bids/code/sub-01_T1w.nii.gz
	table 'participant_id\tage\tgroup' 'sub-01\t61\tAD' '02\tn/a\tCN' >bids/participants.tsv
}

@test "a known answer: a BIDS tree" {
	small_bids
	hmm-manifest --bids bids/ --label group --positive AD >have
	table 'subject\tmodality\tlabel\tgroup\tsplit\tpath\tage\tparticipants_group' \
		'sub-01\tT1w\t1\tsub-01\tn/a\tbids/sub-01/anat/sub-01_T1w.nii.gz\t61\tAD' \
		'sub-01\tce-gad_T1w\t1\tsub-01\tn/a\tbids/sub-01/anat/sub-01_acq-x_ce-gad_run-2_T1w.nii\t61\tAD' \
		'sub-01\ttrc-18FFDG_pet\t1\tsub-01\tn/a\tbids/sub-01/pet/sub-01_trc-18FFDG_pet.nii.gz\t61\tAD' \
		'sub-02\tT1w\t0\tsub-02\tn/a\tbids/sub-02/anat/sub-02_T1w.nii.gz\tn/a\tCN' >want
	cmp have want
	(cd bids && hmm-manifest --bids . --suffix pet --entities run) >have
	table 'subject\tmodality\tlabel\tgroup\tsplit\tpath\tage\tparticipants_group' \
		'sub-01\tpet\tn/a\tsub-01\tn/a\t./sub-01/pet/sub-01_trc-18FFDG_pet.nii.gz\t61\tAD' >want
	cmp have want
}

@test "BIDS: the labels of sessions, those who are missing, and names that are not BIDS" {
	image b/sub-1/ses-a/anat/sub-1_ses-a_T1w.nii b/sub-1/ses-b/anat/sub-1_ses-b_T1w.nii \
		b/sub-2/ses-a/anat/sub-2_ses-a_T1w.nii b/sub-3/ses-a/anat/sub-3_ses-a_T1w.nii \
		b/sub-3/ses-a/anat/T1.nii b/sub-3/sub-3_T1w.nii b/sub-4/ses-a/anat/sub-4_ses-a_T1w.nii
	table 'session_id\tad' 'ses-a\t0' 'b\t1' >b/sub-1/sub-1_sessions.tsv
	table 'session_id\tage' 'ses-a\t60' >b/sub-2/sub-2_sessions.tsv
	table 'session_id\tad' 'ses-z\t1' >b/sub-3/sub-3_sessions.tsv
	table 'participant_id\tad' 'sub-1\tn/a' 'sub-2\t1' 'sub-3\t0' 'sub-9\t1' >b/participants.tsv
	hmm-manifest --bids b --label ad 2>errors | cut -f 1,3,4 >have
	table 'subject\tlabel\tgroup' 'sub-1_ses-a\t0\tsub-1' 'sub-1_ses-b\t1\tsub-1' \
		'sub-2_ses-a\t1\tsub-2' 'sub-3_ses-a\t0\tsub-3' 'sub-4_ses-a\tn/a\tsub-4' >want
	cmp have want
	grep -q '2 NIfTI files are not named as BIDS wants' errors
	grep -q '1 subject of participants.tsv has no image' errors
	grep -q '1 subject with images stands in no table' errors
	grep -qx 'hmm-manifest: label ad: 1 -> 1 (2 subjects), 0 -> 0 (2), none (1: n/a)' errors
	[ "$(wc -l <errors)" -eq 4 ]
}

@test "BIDS: labels that are not 0 and 1, not there, or of two rows" {
	small_bids
	run hmm-manifest --bids bids --label group
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-manifest: bids: column 'group': found 'AD', 'CN', want 0 and 1, or --positive VALUE" ]
	run hmm-manifest --bids bids --label group --positive MCI
	[ "$status" -eq 1 ]
	[[ "$output" = *"found 'AD', 'CN', want some 'MCI'"* ]]
	run hmm-manifest --bids bids --label diagnosis
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-manifest: bids/participants.tsv: no column 'diagnosis' in its header, which has participant_id, age, group" ]
	table 'sub-01\t61\tCN' >>bids/participants.tsv
	run hmm-manifest --bids bids --label group --positive AD
	[ "$status" -eq 1 ]
	[[ "$output" = *"participant_id 'sub-01' has group 'AD' in row 1 and 'CN' in row 3"* ]]
}

# people TABLE-LINE...: a BIDS tree of subjects 01 to 06 with that participants.tsv; none: that they had.
people() {
	for s in 01 02 03 04 05 06; do
		image b/sub-$s/anat/sub-${s}_T1w.nii.gz
	done
	[ $# = 0 ] || table "$@" >b/participants.tsv
}

# says PATTERN COMMAND...: it is done, and that is a whole line of its standard error
says() {
	"${@:2}" >have 2>errors
	grep -qxE "hmm-manifest: $1" errors || { cat errors; return 1; }
}

labels_of() { # of `have`: 1 0 - ...
	tail -n +2 have | cut -f 3 | sed 's,n/a,-,' | tr '\n' ' '
}

@test "labels: every spelling of a missing value is one, blanks and quotes go first" {
	for missing in n/a N/A NA NaN nan NULL null None '#N/A' '#N/A N/A' '1.#QNAN' '#DIV/0!' . - '' ' ' '"NA"' '" "'; do
		people 'participant_id\tdx' '01\tAD' '02\tAD ' '03\t"AD"' '04\tCN' "05\t$missing" '06\t"CN"'
		says 'label dx: AD -> 1 \(3 subjects\), CN -> 0 \(2\), none \(1: n/a\)' \
			hmm-manifest --bids b --label dx --positive AD
		[ "$(labels_of)" = '1 1 1 0 - 0 ' ]
		# a covariate too
		[ "$(sed -n 6p have | cut -f 7)" = n/a ]
	done
	# a subject may be called NA
	image p/NA_T1.png p/x_T1.png
	table 'subject\tlabel' 'NA\t1' 'x\t0' >labels.tsv
	hmm-manifest --folder p --pattern '{subject}_{modality}.png' --labels labels.tsv >have
	[ "$(cut -f 1,3 have | tail -n +2 | tr '\t\n' ': ')" = 'NA:1 x:0 ' ]
	hmm-split --ratio 1:1 have | cut -f 1-4,6 | cmp - <(cut -f 1-4,6 have)
	hmm-split --ratio 1:1 have | cut -f 1 | tail -n +2 | tr '\n' ' ' | grep -qx 'NA x '
}

@test "labels: several values, negatives, and what became what" {
	people 'participant_id\tdx' '01\tAD' '02\tMCI' '03\tCN' '04\tSMC' '05\tother, unknown' '06\tn/a'
	says 'label dx: AD -> 1 \(1 subject\), CN, MCI, SMC, other, unknown -> 0 \(4\), none \(1: n/a\)' \
		hmm-manifest --bids b --label dx --positive AD
	says 'label dx: AD, MCI -> 1 \(2 subjects\), CN, SMC -> 0 \(2\), none \(2: n/a, other, unknown\)' \
		hmm-manifest -q --bids b --label dx --positive 'AD, MCI' --negative CN,SMC
	[ "$(labels_of)" = '1 1 0 0 - - ' ]
	says 'label dx: other, unknown -> 1 .*' hmm-manifest --bids b --label dx --positive '"other, unknown"'
	while IFS='|' read -r options message; do
		eval "run hmm-manifest --bids b --label dx $options"
		[ "$status" = 1 ] && [ "$output" = "hmm-manifest: b: column 'dx': $message" ] || { echo "$output"; return 1; }
	done <<-'END'
		--positive AD,EMCI|found 'AD', 'CN', 'MCI', 'SMC', 'other, unknown', want some 'EMCI' (--positive)
		--positive AD --negative cn|found 'AD', 'CN', 'MCI', 'SMC', 'other, unknown', want some 'cn' (--negative)
		--positive AD --negative CN,AD|'AD' is both --positive and --negative
	END
	for options in "--positive AD," "--positive ''" "--positive AD --negative None" "--positive NA" "--negative CN" \
		"--positive '\"AD'" "--positive '\"AD\"x'"; do
		eval "run hmm-manifest --bids b --label dx $options"
		[ "$status" = 2 ] && [ "${#lines[@]}" = 1 ] || { echo "$options: $output"; return 1; }
	done
}

@test "labels: thresholds" {
	people 'participant_id\tedss\tdx' '01\t4\t>5' '02\t4.5\t<5' '03\t3.99\t>5' '04\t0\t<5' '05\tNA\t<5' '06\t"4.0"\tNA'
	says 'label edss: edss>=4 -> 1 \(3 subjects\), other numbers -> 0 \(2\), none \(1: n/a\)' \
		hmm-manifest --bids b --positive 'edss>=4'
	[ "$(labels_of)" = '1 1 0 0 - 1 ' ]
	hmm-manifest --bids b --label edss --positive 'edss >= 4' 2>/dev/null | cmp - have
	hmm-manifest --bids b --label edss --positive '>=4' 2>/dev/null | cmp - have
	says 'label edss: >4 -> 1 \(1 subject\), <=3.99 -> 0 \(2\), none \(3: n/a, other numbers\)' \
		hmm-manifest --bids b --label edss --positive '>4' --negative '<=3.99'
	[ "$(labels_of)" = '- 1 0 0 - - ' ]
	says 'label edss: 4, 4.0, <4 -> 1 \(4 subjects\), other numbers -> 0 \(1\), none .*' hmm-manifest --bids b --label edss --positive '<4,4'
	# values that look like one stand in quotes
	says 'label dx: >5 -> 1 \(2 subjects\), <5 -> 0 \(3\), none \(1: n/a\)' hmm-manifest --bids b --label dx --positive '">5"'
	run hmm-manifest --bids b --label dx --positive '>5'
	[ "$status" = 1 ]
	[ "$output" = "hmm-manifest: b: column 'dx': found '>5', want a number, as it is compared with one" ]
	run hmm-manifest --bids b --positive 'edss>=10'
	[ "$status" = 1 ]
	[ "$output" = "hmm-manifest: b: column 'edss': no value is 'edss>=10' (--positive)" ]
	# what was meant as a comparison and is none
	run hmm-manifest --bids b --positive 'edss=>4'
	[ "$status" = 2 ]
	[[ "$output" = "hmm-manifest: --positive: found 'edss=>4'; a comparison is such as 'edss>=4' "* ]]
	for value in 'edss>=x' 'edss=4'; do
		run hmm-manifest --bids b --positive "$value"
		[ "$status" = 2 ]
		[[ "$output" = "hmm-manifest: --positive wants a --label, or a comparison such as 'edss>=4' "* ]]
		run hmm-manifest --bids b --label edss --positive "$value"
		[ "$status" = 1 ]
		[[ "$output" = *"want some '$value' (--positive; a comparison is such as 'edss>=4' "* ]]
	done
	sed -i 's/4.5/4,5/' b/participants.tsv
	run hmm-manifest --bids b --positive 'edss>=4'
	[ "$output" = "hmm-manifest: b: column 'edss': found '4,5', want a number, as it is compared with one" ]
	for options in "--label dx --positive 'edss>=4'" "--positive 'edss>=4,age<3'" "--positive '>=4'"; do
		eval "run hmm-manifest --bids b $options"
		[ "$status" = 2 ]
		[ "${#lines[@]}" = 1 ]
	done
}

@test "labels: 0 and 1 as programs write them; what is found else is named" {
	people 'participant_id\tdx' '01\t1.0' '02\t0.0' '03\t1' '04\t' '05\t0' '06\t0'
	says 'label dx: 1, 1.0 -> 1 \(2 subjects\), 0, 0.0 -> 0 \(3\), none \(1: n/a\)' hmm-manifest --bids b --label dx
	[ "$(labels_of)" = '1 0 1 - 0 0 ' ]
	people 'participant_id\tdx' '01\t1' '02\t0' '03\t2' '04\t' '05\tx' '06\t0'
	run hmm-manifest --bids b --label dx
	[ "$status" = 1 ]
	[ "$output" = "hmm-manifest: b: column 'dx': found '2', 'x', want 0 and 1, or --positive VALUE" ]
}

@test "participants.tsv as it is found: quoted tabs, CR alone, CRLF and a mark, no last line's end" {
	people 'participant_id\tnote\tdx' '01\t"left\tand ""right"""\tAD' '02\t"two\nlines"\t"CN"'
	hmm-manifest --bids b --label dx --positive AD 2>/dev/null | head -n 3 | cut -f 3,7,8 >have
	printf 'label\tnote\tdx\n1\tleft\\tand "right"\tAD\n0\ttwo\\nlines\tCN\n' >want
	cmp have want
	people 'participant_id\tdx' '01\tAD' '02\tCN'
	hmm-manifest --bids b --label dx --positive AD >want 2>/dev/null
	tr '\n' '\r' <b/participants.tsv >cr && cp cr b/participants.tsv
	hmm-manifest --bids b --label dx --positive AD 2>/dev/null | cmp - want
	{ printf '\357\273\277'; sed 's/\r/\r\n/g' cr; } >b/participants.tsv
	hmm-manifest --bids b --label dx --positive AD 2>/dev/null | cmp - want
	printf 'participant_id\tdx\n01\tAD\n02\tCN' >b/participants.tsv
	hmm-manifest --bids b --label dx --positive AD 2>errors | cmp - want
	grep -q 'participants.tsv: its last line has no end; taken as whole$' errors
}

@test "participants.tsv: what is refused" {
	while IFS='|' read -r content message; do
		people "$content"
		run hmm-manifest --bids b --label dx --positive AD
		[ "$status" = 1 ] && [ "$output" = "hmm-manifest: b/participants.tsv: $message" ] || { echo "$output"; return 1; }
	done <<-'END'
		participant_id\tdx\tage\tdx\n01\tAD\t70\tCN|column 'dx' stands twice in its header
		participant_id\tmask\tparticipants_mask\tdx\n01\ta\tb\tAD|column 'participants_mask' would stand twice in the manifest
		participant_id\tdx\n01\tAD\n02\tCN\nsub-01\tAD|participant_id 'sub-01' stands in rows 1 and 3
		participant_id\tdx\n01\tAD\n02\tCN\nsub-01\tCN|participant_id 'sub-01' has dx 'AD' in row 1 and 'CN' in row 3
		participant_id\tsession_id\tdx\n01\ta\tAD\n01\tses-a\tAD|participant_id '01' session 'ses-a' stands in rows 1 and 2
		participant_id\tdx\n01\tAD\nn/a\tCN|row 2: no participant_id
		participant_id,dx\n01,AD|found commas in its header, want tabs between the columns, or a name in .csv
		participant_id;dx\n01;AD|found semicolons in its header, want tabs between the columns, or a name in .csv
		participant_id\tdx\n01\t"AD|line 2: a cell's opening quote (") has no closing one
		participant_id\tdx\n"01"x\tAD|line 2: found 'x' behind a quoted cell, want a tab or the line's end
		participant_id\tdx\n"0\n1"\tAD\n02|line 4: 1 columns, want 2 as in the header
	END
	printf 'p\0a\0' >b/participants.tsv
	run hmm-manifest --bids b
	[[ "$output" = *'holds a zero byte, want text' ]]
	printf '\377\376p\0a\0' >b/participants.tsv
	run hmm-manifest --bids b
	[[ "$output" = *'is UTF-16, want UTF-8'* ]]
	rm b/participants.tsv
	ln -s /dev/zero b/participants.tsv
	run timeout 10 hmm-manifest --bids b
	[ "$status" = 1 ]
}

@test "participants' columns named like one of a manifest's take a prefix" {
	people 'participant_id\tmask\tlabel\tfeatures\tpath\tgroup\timputed\tdx' '01\tyes\t3\tx\ty\tz\tmean\tAD' '02\tno\t4\tx\ty\tz\tno\tCN'
	hmm-manifest --bids b --label dx --positive AD 2>/dev/null | sed -n '1,2p' >have
	table 'subject\tmodality\tlabel\tgroup\tsplit\tpath\tparticipants_mask\tparticipants_label\tparticipants_features\tparticipants_path\tparticipants_group\tparticipants_imputed\tdx' \
		'sub-01\tT1w\t1\tsub-01\tn/a\tb/sub-01/anat/sub-01_T1w.nii.gz\tyes\t3\tx\ty\tz\tmean\tAD' >want
	cmp have want
}

@test "a row a session: in participants.tsv, and in a table that --labels names" {
	image s/sub-1/ses-a/anat/sub-1_ses-a_T1w.nii s/sub-1/ses-b/anat/sub-1_ses-b_T1w.nii \
		s/sub-2/ses-a/anat/sub-2_ses-a_T1w.nii s/sub-3/anat/sub-3_T1w.nii s/sub-4/anat/sub-4_T1w.nii
	table 'participant_id\tsession_id\tage\tdx' 'sub-1\tses-b\t62\tAD' '1\ta\t61\tCN' 'sub-2\tn/a\t70\tCN' \
		'sub-3\tses-x\t80\tAD' 'sub-4\tses-x\t90\tAD' 'sub-4\tses-y\t91\tAD' >s/participants.tsv
	hmm-manifest --bids s --label dx --positive AD 2>errors | cut -f 1,3,7,8 >have
	table 'subject\tlabel\tsession_id\tage' 'sub-1_ses-a\t0\ta\t61' 'sub-1_ses-b\t1\tses-b\t62' \
		'sub-2_ses-a\t0\tn/a\t70' 'sub-3\t1\tses-x\t80' 'sub-4\tn/a\tn/a\tn/a' >want
	cmp have want
	grep -q '1 subject with images stands in no table' errors
	grep -q '2 subjects of participants.tsv have no image' errors
	# the columns of participants.tsv stay, the label is the table's
	table 'participant_id\tsession_id\tdiagnosis' 'sub-1\tses-a\tAD' 'sub-1\tses-b\tAD' 'sub-4\tn/a\tCN' 'sub-9\tn/a\tCN' >clinica.tsv
	hmm-manifest --bids s --labels clinica.tsv --label diagnosis --positive AD 2>errors | cut -f 1,3,8 >have
	table 'subject\tlabel\tage' 'sub-1_ses-a\t1\t61' 'sub-1_ses-b\t1\t62' 'sub-2_ses-a\tn/a\t70' 'sub-3\tn/a\t80' 'sub-4\t0\tn/a' >want
	cmp have want
	grep -qx 'hmm-manifest: label diagnosis: AD -> 1 (2 subjects), CN -> 0 (1), none (2: n/a)' errors
	grep -q '1 subject of clinica.tsv has no image' errors
	printf 'subject,label\nsub-1_ses-a,1\nsub-1_ses-b,0\n' >by_subject.CSV
	hmm-manifest --bids s --labels by_subject.CSV 2>errors | cut -f 1,3 | sed -n 2,3p | tr '\t\n' ': ' | grep -qx 'sub-1_ses-a:1 sub-1_ses-b:0 '
	run hmm-manifest --bids s --labels clinica.tsv --label dx
	[ "$status" = 1 ]
	[ "$output" = "hmm-manifest: clinica.tsv: no column 'dx' in its header, which has participant_id, session_id, diagnosis" ]
	table 'session_id\tdx' 'ses-a\tAD' 'a\tAD' >s/sub-1/sub-1_sessions.tsv
	run hmm-manifest --bids s --label dx --positive AD
	[ "$status" = 1 ]
	[ "$output" = "hmm-manifest: s/sub-1/sub-1_sessions.tsv: session_id 'a' stands in rows 1 and 2" ]
}

@test "BIDS: masks, pictures, capitals and microscopy" {
	image m/sub-1/anat/sub-1_T1w.NII.GZ m/sub-1/anat/sub-1_desc-brain_mask.nii.gz m/sub-1/anat/sub-1_dseg.nii.gz \
		m/sub-1/anat/sub-1_T2w.jpg m/sub-1/anat/sub-1_x.PNG m/sub-1/anat/sub-1_T1w.json \
		m/sub-1/micr/sub-1_sample-A_stain-HE_BF.png m/sub-1/micr/sub-1_sample-A_stain-HE_BF.json \
		m/sub-1/micr/sub-1_sample-A_photo.png m/sub-1/micr/sub-1_sample-B_SEM.ome.tif m/sub-1/micr/sub-1_sample-C_SEM.ome.zarr/0
	hmm-manifest --bids m 2>errors | cut -f 2,6 >have
	table 'modality\tpath' 'T1w\tm/sub-1/anat/sub-1_T1w.NII.GZ' 'stain-HE_BF\tm/sub-1/micr/sub-1_sample-A_stain-HE_BF.png' >want
	cmp have want
	grep -q 'm: 4 images are neither NIfTI nor a PNG of micr/ (sub-1/anat/sub-1_T2w.jpg, sub-1/anat/sub-1_x.PNG, sub-1/micr/sub-1_sample-B_SEM.ome.tif, ...); left out$' errors
	grep -q 'm: 3 masks, segmentations or photographs are no modality (sub-1/anat/sub-1_desc-brain_mask.nii.gz, sub-1/anat/sub-1_dseg.nii.gz, sub-1/micr/sub-1_sample-A_photo.png); left out$' errors
	[ "$(wc -l <errors)" = 2 ]
	hmm-manifest --bids m --suffix dseg 2>/dev/null | cut -f 2 | tail -n +2 | grep -qx dseg
}

@test "a folder: subjects of several fields, groups that are prefixes" {
	image a/TCGA_CS_4941_005_FLAIR.png a/TCGA_CS_4941_006_FLAIR.png a/TCGA_CS_4942_005_FLAIR.png
	hmm-manifest --folder a --pattern '{group}_{study}_{modality}.png' --subject '{group}_{study}' | cut -f 1,2,4 >have
	table 'subject\tmodality\tgroup' 'TCGA_CS_4941_005\tFLAIR\tTCGA_CS_4941' 'TCGA_CS_4941_006\tFLAIR\tTCGA_CS_4941' \
		'TCGA_CS_4942_005\tFLAIR\tTCGA_CS_4942' >want
	cmp have want
	image d/002_S_0295/2006-04-18/MRI.nii d/002_S_0295/2007-04-18/PET.nii
	hmm-manifest --folder d --pattern '{group}/{study}/{modality}.nii' --subject '{group}@{study}' | cut -f 1,2,4 >have
	table 'subject\tmodality\tgroup' '002_S_0295@2006-04-18\tMRI\t002_S_0295' '002_S_0295@2007-04-18\tPET\t002_S_0295' >want
	cmp have want
	# two ways to one subject are two groups
	image e/a_b/c.png e/a/b_c.png
	run hmm-manifest --folder e --pattern '{group}/{study}.png' --subject '{group}_{study}'
	[ "$status" = 1 ]
	[ "$output" = "hmm-manifest: e: subject 'a_b_c' has group 'a' in row 1 and 'a_b' in row 2" ]
	for options in "--subject {group}" "--subject x --pattern {group}.png" "--subject {any} --pattern {group}_{any}.png" \
		"--subject {group} --pattern {group}_{subject}.png" "--subject {study} --pattern {group}.png" "--pattern {study}.png"; do
		run hmm-manifest --folder a $options
		[ "$status" = 2 ] && [ "${#lines[@]}" = 1 ] || { echo "$options: $output"; return 1; }
	done
}

@test "a folder: masks by a pattern are a column, and no images" {
	image k/s1/s1_T1.png k/s1/s1_T2.png k/s1/s1_T1_mask.png k/s2/s2_T1.png k/s3/s3_T1_mask.png
	hmm-manifest --folder k --pattern '{subject}/{subject}_{modality}.png' \
		--mask '{subject}/{subject}_{modality}_mask.png' 2>errors | cut -f 1,2,6,7 >have
	table 'subject\tmodality\tpath\tmask' 's1\tT1\tk/s1/s1_T1.png\tk/s1/s1_T1_mask.png' \
		's1\tT2\tk/s1/s1_T2.png\tn/a' 's2\tT1\tk/s2/s2_T1.png\tn/a' >want
	cmp have want
	grep -q 'k: 2 images have no mask (k/s1/s1_T2.png, k/s2/s2_T1.png)$' errors
	grep -q 'k: 1 mask has no image (k/s3/s3_T1_mask.png)$' errors
	# one mask for all images of a subject, in a folder of its own
	image l/raw/s1_T1.png l/raw/s1_T2.png l/masks/s1.png
	hmm-manifest --folder l --pattern 'raw/{subject}_{modality}.png' --mask 'masks/{subject}.png' | cut -f 7 >have
	table mask l/masks/s1.png l/masks/s1.png >want
	cmp have want
	image l/masks/x/s1.png
	run hmm-manifest --folder l --pattern 'raw/{subject}_{modality}.png' --mask 'masks/{any}.png'
	[ "$status" = 2 ]
	image n/s1_T1.png n/a/s1.png n/b/s1.png
	run hmm-manifest --folder n --pattern '{subject}_{modality}.png' --mask '{any}/{subject}.png'
	[ "$status" = 1 ]
	[[ "$output" = "hmm-manifest: n/"*"/s1.png: two masks of one image" ]]
	run hmm-manifest --folder n --pattern '{subject}_{modality}.png' --mask '{group}/{subject}.png'
	[ "$status" = 2 ]
}

@test "a folder: what does not fit is named; groups called NA are none" {
	image o/g/a_T1.png o/g/b_T1.PNG o/z.txt o/y.txt o/x/y/z.png o/NA/c_T1.png
	mkfifo o/g/pipe_T1.png
	hmm-manifest --folder o --pattern '{group}/{subject}_{modality}.png' 2>errors | cut -f 1,4 >have
	table 'subject\tgroup' 'a\tg' 'c\tn/a' >want
	cmp have want
	grep -q "o: 4 files or folders do not fit '{group}/{subject}_{modality}.png' (g/b_T1.PNG, x/y, y.txt, ...); left out$" errors
	grep -q 'o: 1 image is in a group called NA or the like, so in none (o/NA/c_T1.png)$' errors
	grep -q 'o: 1 pipe, socket or device below it (g/pipe_T1.png); left out$' errors
}

@test "what cannot be looked at is an error, and no link to nothing" {
	command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip "no strace"
	image w/a_T1.png w/b_T1.png w/c_T1.png
	for error in EIO EACCES; do
		code=0
		ASAN_OPTIONS=detect_leaks=0 strace -o trace -P "$PWD/w/b_T1.png" -P w/b_T1.png -e trace=%stat,newfstatat,statx \
			-e inject=%stat,newfstatat,statx:error=$error hmm-manifest --folder w --pattern '{subject}_{modality}.png' >have 2>errors || code=$?
		grep -q INJECTED trace || skip "strace injects nothing here"
		[ "$code" = 1 ]
		[ ! -s have ]
		grep -qx 'hmm-manifest: w/b_T1.png: cannot look at it: .*' errors
	done
}

@test "BIDS: a pipe in a table's place is not waited for, one that is named is read" {
	small_bids
	rm -f bids/participants.tsv
	mkfifo bids/participants.tsv
	run timeout 10 hmm-manifest --bids bids
	[ "$status" -eq 1 ]
	[ "$output" = 'hmm-manifest: bids/participants.tsv: not a regular file but a pipe' ]
	rm bids/participants.tsv
	rm -f bids/sub-01/sub-01_sessions.tsv
	mkfifo bids/sub-01/sub-01_sessions.tsv
	run timeout 10 hmm-manifest --bids bids
	[ "$status" -eq 1 ]
	[[ "$output" = *'hmm-manifest: bids/sub-01/sub-01_sessions.tsv: not a regular file but a pipe' ]]
	people
	hmm-manifest --bids b --label dx --labels <(table 'participant_id\tdx' '01\t1' '02\t0') >have
	[ "$(cut -f 3 have | head -n 3 | tr '\n' ' ')" = 'label 1 0 ' ]
}

@test "BIDS: an image in the folder of another subject" {
	small_bids
	image bids/sub-01/anat/sub-02_ses-1_T1w.nii
	hmm-manifest --bids bids >have 2>errors
	grep -qx 'hmm-manifest: warning: bids: 1 image is in the folder of another subject or session (sub-01/anat/sub-02_ses-1_T1w.nii); left out' errors
	! grep -q sub-02_ses-1 have || return 1
	rm bids/sub-01/anat/sub-02_ses-1_T1w.nii
	hmm-manifest --bids bids | cmp - have
	image bids/sub-01/anat/sub-02_{T1w,T2w,FLAIR,PD}.nii.gz
	hmm-manifest --bids bids 2>errors | cmp - have
	grep -q '4 images are in the folder of another subject or session (sub-01/anat/sub-02_FLAIR.nii.gz, .*, \.\.\.); left out$' errors
}

@test "BreaKHis: slides, accessions, and names that do not fit" {
	d=h/breast
	image $d/benign/SOB/a/SOB_B_A_14-22549AB/40X/SOB_B_A-14-22549AB-40-001.png \
		$d/benign/SOB/p/SOB_B_PT_14-22549G/400X/SOB_B_PT-14-22549G-400-012.png \
		$d/malignant/SOB/d/SOB_M_DC_14-13412/100X/SOB_M_DC-14-13412-100-003.png \
		$d/malignant/SOB/l/SOB_M_LC_14-13412/100X/SOB_M_LC-14-13412-100-003.png \
		$d/SOB_M_F-14-1-40-001.png $d/SOB_B_F-14-1-50-001.png $d/other.png
	hmm-manifest --breakhis h 2>errors | cut -f 1-5,7- >have
	table 'subject\tmodality\tlabel\tgroup\tsplit\ttype\tseq' \
		'SOB_B_A_14-22549AB\t40X\t0\t14-22549\tn/a\tA\t001' \
		'SOB_B_PT_14-22549G\t400X\t0\t14-22549\tn/a\tPT\t012' \
		'SOB_M_DC_14-13412\t100X\t1\t14-13412\tn/a\tDC\t003' \
		'SOB_M_LC_14-13412\t100X\t1\t14-13412\tn/a\tLC\t003' >want
	cmp have want
	grep -q "3 names of images do not follow BreaKHis's grammar (breast/SOB_B_F-14-1-50-001.png, breast/SOB_M_F-14-1-40-001.png, breast/other.png); left out" errors
	hmm-manifest --breakhis h --group slide 2>/dev/null | awk -F '\t' 'NR > 1 && $1 != $4' >have
	[ ! -s have ]
}

@test "BreaKHis: the whole grammar" {
	for name in B_A-14-1-40-1 B_F-14-1AB-100-001 B_PT-14-2-200-12 B_TA-15-3-400-0 M_DC-14-4-40-1 M_LC-14-5Z-40-1 M_MC-14-6-40-1 M_PC-14-7-40-1; do
		image "g/SOB_$name.png"
	done
	image g/SOB_B_A-14-8-40-1.PNG
	hmm-manifest --breakhis g 2>errors >have
	[ "$(wc -l <errors)" = 1 ]
	[ "$(wc -l <have)" = 10 ]
	mkdir n
	for name in B_DC-14-1-40-1 M_A-14-1-40-1 X_A-14-1-40-1 B_A-4-1-40-1 B_A-140-1-40-1 B_A-14--40-1 B_A-14-1a-40-1 B_A-14-1A1-40-1 \
		B_A-14-1-41-1 B_A-14-1-4-1 B_A-14-1-040-1 B_A-14-1-40- B_A-14-1-40 B_A-14-1-40-1x B_A-14-1-40-1.png B__A-14-1-40-1 \
		B_PTT-14-1-40-1 B_-14-1-40-1 B_A,F-14-1-40-1 '' B B_; do
		image "n/SOB_$name.png"
	done
	image n/SOB n/SOB_ n/SOB_B n/SOB_B_A-14-1-40-1 n/SOB_B_A-14-1-40-1.jpg n/SOB_B_A-14-1-40-1.pngx n/sob_B_A-14-1-40-1.png
	run hmm-manifest --breakhis n
	[ "$status" = 1 ]
	[[ "${lines[0]}" = *': 28 names of images do not follow'* ]]
	[ "${lines[1]}" = 'hmm-manifest: n: no images found' ]
}

@test "a folder: the rule of the pattern" {
	image p/TCGA_CS_4941/TCGA_CS_4941_005_FLAIR.png p/TCGA_CS_4941/TCGA_CS_4941_005_T1.png \
		p/notes.txt p/a/b/c.png p/.hidden/x_y.png
	hmm-manifest --folder p --pattern '{group}/{subject}_{modality}.png' 2>errors | cut -f 1,2,4 >have
	table 'subject\tmodality\tgroup' 'TCGA_CS_4941_005\tFLAIR\tTCGA_CS_4941' \
		'TCGA_CS_4941_005\tT1\tTCGA_CS_4941' >want
	cmp have want
	grep -q 'p: 2 files or folders do not fit' errors
	image q/FLAIR_a_1.png q/T1_a_1.png
	hmm-manifest --folder q --pattern '{modality}_{subject}.png' | cut -f 1,2,4 >have
	table 'subject\tmodality\tgroup' 'a_1\tFLAIR\ta_1' 'a_1\tT1\ta_1' >want
	cmp have want
	image r/s1/s1_ad_T1.png r/s1/s2_ad_T1.png r/s3/s3_cn_T1.png
	hmm-manifest --folder r --pattern '{subject}/{subject}_{label}_{any}.png' --positive ad 2>errors |
		cut -f 1-3 >have
	table 'subject\tmodality\tlabel' 's1\tn/a\t1' 's3\tn/a\t0' >want
	cmp have want
	grep -q '1 file or folder does not fit' errors
}

@test "a folder: labels by subject, by group, as CSV, and who has none" {
	image p/g1/a_T1.png p/g1/b_T1.png p/g2/c_T1.png
	pattern='{group}/{subject}_{modality}.png'
	table 'subject\tlabel' 'a\t1' 'b\t0' 'z\t1' >by_subject.tsv
	hmm-manifest --folder p --pattern "$pattern" --labels by_subject.tsv 2>errors | cut -f 1,3 >have
	table 'subject\tlabel' 'a\t1' 'b\t0' 'c\tn/a' >want
	cmp have want
	grep -q '1 of its rows has no image' errors
	grep -q '1 image has no row in it' errors
	printf 'group,"what, else",diagnosis\ng1,"x\ny",AD\ng2,,CN\n' >by_group.csv
	hmm-manifest --folder p --pattern "$pattern" --labels by_group.csv --label diagnosis --positive AD |
		cut -f 1,3 >have
	table 'subject\tlabel' 'a\t1' 'b\t1' 'c\t0' >want
	cmp have want
	table 'subject\tlabel' 'a\t1' 'a\t0' >twice.tsv
	run hmm-manifest --folder p --pattern "$pattern" --labels twice.tsv
	[ "$status" -eq 1 ]
	[[ "$output" = *"subject 'a' has label '1' in row 1 and '0' in row 2"* ]]
	run hmm-manifest --folder p --pattern "$pattern" --labels by_group.csv
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'label'"* ]]
	table 'patient\tlabel' 'a\t1' >no_key.tsv
	run hmm-manifest --folder p --pattern "$pattern" --labels no_key.tsv
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'subject' or 'group'"* ]]
}

@test "conflicting labels and groups of one subject" {
	image p/ad/a_T1.png p/cn/a_T2.png
	run hmm-manifest --folder p --pattern '{label}/{subject}_{modality}.png' --positive ad
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-manifest: p: subject 'a' has label '1' in row 1 and '0' in row 2" ]
	run hmm-manifest --folder p --pattern '{group}/{subject}_{modality}.png'
	[ "$status" -eq 1 ]
	[[ "$output" = *"subject 'a' has group 'ad' in row 1 and 'cn' in row 2"* ]]
}

@test "names with blanks, quotes, dollars, stars, newlines, tabs and any byte" {
	odd=$'a b\'"$*\n\t\\\xff'
	image "p/${odd}_T1.png"
	hmm-manifest --folder p --pattern '{subject}_{modality}.png' >have
	[ "$(wc -l <have)" -eq 2 ]
	printf 'a b'\''"$*\\n\\t\\\\\xff\tT1\tn/a\ta b'\''"$*\\n\\t\\\\\xff\tn/a\tp/a b'\''"$*\\n\\t\\\\\xff_T1.png\n' >want
	tail -n 1 have | cmp - want
	hmm-split --by group --ratio 1:1 have 2>errors && false
	hmm-drop --modality T1 --rate 0 have | cmp - have
}

@test "links are followed, but never in a circle, and those to nowhere are counted" {
	image q/b_T1.png p/a_T1.png
	ln -s ../q p/more
	ln -s .. p/more/up
	ln -s ../p p/again
	ln -s nowhere p/x_T1.png
	hmm-manifest --folder p --pattern '{any}/{subject}_{modality}.png' 2>errors | cut -f 6 >have
	table path p/more/b_T1.png >want
	cmp have want
	grep -q '1 link below it leads nowhere' errors
}

@test "a pattern that fits in too many ways" {
	image "p/$(printf '%0240d' 0)"
	run timeout 20 hmm-manifest --folder p \
		--pattern '{subject}0{any}0{any}0{any}0{any}0{any}0{any}0{any}0{any}0{any}1'
	[ "$status" -eq 1 ]
	[[ "$output" = *"too many ways"* ]]
}

@test "empty input" {
	mkdir empty
	for source in "--bids empty" "--breakhis empty" "--folder empty --pattern {subject}"; do
		run hmm-manifest $source
		[ "$status" -eq 1 ]
		[ "$output" = "hmm-manifest: empty: no images found" ]
	done
	small_bids
	: >bids/participants.tsv
	run hmm-manifest --bids bids
	[ "$status" -eq 1 ]
	[[ "$output" = *"participants.tsv: empty"* ]]
}

@test "bad input" {
	run hmm-manifest --bids nowhere
	[ "$status" -eq 1 ]
	[[ "$output" = "hmm-manifest: nowhere: cannot open:"* ]]
	image file
	run hmm-manifest --breakhis file
	[ "$status" -eq 1 ]
	small_bids
	table 'id\tage' 'sub-01\t3' >bids/participants.tsv
	run hmm-manifest --bids bids
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'participant_id'"* ]]
}

@test "usage: a value that is given twice" {
	for twice in "--positive AD --positive CN" "--positive AD --negative CN --negative MCI" "--bids b"; do
		run hmm-manifest --bids b --label dx $twice
		[ "$status" -eq 2 ]
		[[ "$output" =~ ^'hmm-manifest: --'(positive|negative|bids)' is given twice, want it once (try hmm-manifest --help)'$ ]]
	done
}

@test "usage" {
	for options in "" "--bids a --breakhis b" "--bids a --pattern {subject}" "--breakhis a --label x" \
		"--folder a" "--folder a --pattern {any}" "--folder a --pattern {subject}{odd}" "--bids a b" \
		"--folder a --pattern {subject} --label x" "--bids a --positive 1" "--breakhis a --suffix x" \
		"--folder a --pattern {subject}_{label} --labels b" "--breakhis a --group b" "--odd"; do
		run hmm-manifest $options
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
	hmm-manifest --help | grep -q '^usage: hmm-manifest --bids DIR'
}

@test "a full device" {
	small_bids
	run bash -c 'hmm-manifest --bids bids >/dev/full'
	[ "$status" -eq 1 ]
	[[ "$output" = *"standard output: cannot write"* ]]
}

@test "real data: TCGA-LGG as BIDS" {
	[ -d "$data/lgg-bids" ] || skip "no $data/lgg-bids"
	hmm-manifest --bids "$data/lgg-bids" --label large_tumor >have
	cut -f 2 have | LC_ALL=C sort | uniq -c | awk '{ print $1, $2 }' >counts
	table '110 FLAIR' '104 T1w' '100 ce-gadolinium_T1w' '1 modality' >want
	cmp counts want
	[ "$(awk -F '\t' 'NR > 1 && $3 { print $1 }' have | sort -u | wc -l)" -eq 55 ]
}

@test "real data: TCGA-LGG slices with labels made by awk" {
	[ -d "$data/lgg-slices" ] || skip "no $data/lgg-slices"
	awk -F , 'NR == 1 { print "subject\tlabel"; next } { printf "%s_%03d\t%s\n", $1, $2, $3 }' \
		"$data/lgg-slices/slices.csv" >labels.tsv
	hmm-manifest --folder "$data/lgg-slices" --pattern '{group}/{subject}_{modality}.png' \
		--labels labels.tsv >have 2>errors
	[ "$(wc -l <have)" -eq 3141 ]
	[ "$(wc -l <errors)" -eq 2 ]
	[ "$(cut -f 1,3 have | sort -u | awk '$2 == "1"' | wc -l)" -eq 560 ]
	[ "$(tail -n +2 have | cut -f 4 | sort -u | wc -l)" -eq 110 ]
}

@test "real data: BreaKHis" {
	[ -d "$data/breakhis" ] || skip "no $data/breakhis"
	hmm-manifest --breakhis "$data/breakhis" >have
	[ "$(wc -l <have)" -eq 13 ]
	[ "$(awk -F '\t' '$4 == "14-25197" { print $2 }' have | tr '\n' ' ')" = "100X 200X 400X 40X " ]
}
