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
	grep -q '1 subjects of participants.tsv have no image' errors
	grep -q '1 subjects with images stand in no table' errors
	[ "$(wc -l <errors)" -eq 3 ]
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
	[[ "$output" = *"no column 'diagnosis'"* ]]
	table 'sub-01\t61\tCN' >>bids/participants.tsv
	run hmm-manifest --bids bids --label group --positive AD
	[ "$status" -eq 1 ]
	[[ "$output" = *"participant_id 'sub-01' has group 'AD' in row 1 and 'CN' in row 3"* ]]
}

@test "BIDS: an image in the folder of another subject" {
	small_bids
	image bids/sub-01/anat/sub-02_ses-1_T1w.nii
	run hmm-manifest --bids bids
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-manifest: bids/sub-01/anat/sub-02_ses-1_T1w.nii: in the folder of another subject or session" ]
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
	grep -q "2 names SOB_\*.png do not follow BreaKHis's grammar" errors
	hmm-manifest --breakhis h --group slide 2>/dev/null | awk -F '\t' 'NR > 1 && $1 != $4' >have
	[ ! -s have ]
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
	grep -q '1 files or folders do not fit' errors
}

@test "a folder: labels by subject, by group, as CSV, and who has none" {
	image p/g1/a_T1.png p/g1/b_T1.png p/g2/c_T1.png
	pattern='{group}/{subject}_{modality}.png'
	table 'subject\tlabel' 'a\t1' 'b\t0' 'z\t1' >by_subject.tsv
	hmm-manifest --folder p --pattern "$pattern" --labels by_subject.tsv 2>errors | cut -f 1,3 >have
	table 'subject\tlabel' 'a\t1' 'b\t0' 'c\tn/a' >want
	cmp have want
	grep -q '1 of its rows have no image' errors
	grep -q '1 images have no row in it' errors
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
	grep -q '1 links below it lead nowhere' errors
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
	[ "$(wc -l <errors)" -eq 1 ]
	[ "$(cut -f 1,3 have | sort -u | awk '$2 == "1"' | wc -l)" -eq 560 ]
	[ "$(tail -n +2 have | cut -f 4 | sort -u | wc -l)" -eq 110 ]
}

@test "real data: BreaKHis" {
	[ -d "$data/breakhis" ] || skip "no $data/breakhis"
	hmm-manifest --breakhis "$data/breakhis" >have
	[ "$(wc -l <have)" -eq 13 ]
	[ "$(awk -F '\t' '$4 == "14-25197" { print $2 }' have | tr '\n' ' ')" = "100X 200X 400X 40X " ]
}
