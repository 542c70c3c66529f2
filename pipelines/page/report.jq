# report.json: all that the page shows, in its order. In: the tables of a study as {NAME: [rows]}, and
# model, svg, sheets, settings, study (answers of the user's) and checklists.
include "say";
include "data";

. as $t
| ($t.model | data_words) as $d
| ($t.features | people) as $all
| ($all | group_by(.split) | map({key: (.[0].split // "all"), value: .}) | from_entries) as $of
| (["train", "val", "cal", "test"] | map(select($of[.]))) as $splits
| ([{name: "overall", rows: $all}] + ($splits | map({name: ., rows: $of[.]}))) as $parts
| ($t.features[0] // {} | keys_unsorted - ["subject", "modality", "label", "group", "split", "path", "mask", "features", "imputed", "content", $t.model.predicts.label] - (if $t.model.signals then ["class"] else [] end)) as $extra
| ([$t.features[].modality] | unique) as $modalities
| ($t.scores | map(select((.split // "n/a") == ($t.settings.split // "n/a")))) as $scores
| ($scores | metric("auc")) as $auc
| ($scores | metric("acc")) as $acc
| ($scores[0].n // 0) as $n
| ($t.audit | map(select(.severity == "error"))) as $errors
| ($t.audit | map(select(.severity == "warning"))) as $warnings
| ($t.predictions | map(select((.split // "n/a") == ($t.settings.split // "n/a") and .label != null and .observed == null))) as $predictions
| ($predictions | events) as $events
| ($t.threshold) as $threshold
| ($predictions | map(. + {wrong: (if .label == 1 then 1 - .probability else .probability end), called: (if .probability > $threshold then 1 else 0 end)})) as $called

# ---- what the checklists are answered with; null: only a person can ----
| {
	title: "\($t.settings.what), of \($t.model.predicts.label)",
	aim: $t.settings.aim,
	kind: "A hypernetwork conditioned on the modality, \($d.on); sets of what there is (HyperMM, arXiv 2407.20768).",
	data: ($t.settings.source // null),
	dates: null,
	sites: (if ([$extra[] | select(. == "site" or . == "centre" or . == "center")] | length) > 0 then "Of \($all | levels(([$extra[] | select(. == "site" or . == "centre" or . == "center")])[0]) | length) sites; see the subgroups." else null end),
	left_out: (if ($t.settings.left_out | length) > 0 then "See the flow: " + ($t.settings.left_out | join("; ")) else "Nobody, as far as the programs know: who was left out before is for you to write." end),
	preparation: "\($d.alike) The audit has \($errors | length | count("error")) and \($warnings | length | count("warning")).",
	outcome: "Column \($t.model.predicts.label), positive \($t.model.predicts.positive). How and why it was assessed is for you to write.",
	modalities: "\($modalities | join_and), of which each patient has some.",
	no_raters: $d.no_raters,
	size: "\($all | length | count("subject")), \($all | events) with the outcome; \($n | count("prediction")) in the test, \($events) with it. No size was calculated beforehand.",
	missing: "Modalities are missing in \([$all[] | select((.has | length) < ($modalities | length))] | length) of \($all | length) subjects. No modality is imputed and nobody is left out for it.\($d.missing | if . then " " + . else "" end)",
	split: ($t.settings.division),
	images: $d.short,
	model: "Step 1: \($t.model.training["hmm-condition"]). Step 2: \($t.model.training["hmm-rho"]).",
	measures: "Discrimination, calibration, net benefit, risk distributions, all with intervals over patients.",
	updating: ($t.settings.updating),
	pipe: $d.pipe,
	imbalance: "Weights of classes: \($t.model.training["hmm-rho"] // "" | capture("class-weight=(?<w>[a-z]+)").w? // "none"). Calibrated afterwards: beside the probabilities that are scored here, by what was not trained on (\($t.settings.on)).",
	subgroups: "Performance in subgroups is shown; nothing else was done.",
	threshold: "A probability; positive above \($threshold | short), \($t.settings.rule).",
	differences: (if ($of.train and $of.test) then "See the last column of the cohort table." else null end),
	ethics: ($t.description.EthicsApprovals | if . then join("; ") else null end),
	funding: ($t.description.Funding | if . then join("; ") else null end),
	license: (if $t.description.License then "Licence: \($t.description.License)." else null end),
	code: "\($t.model.made_by), with the digests below.",
	flow: "See the flow.",
	cohort: "See the cohort table and the table of patterns.",
	files: "The model's folder has all parameters; their digests are below.",
	performance: "See the performance: AUC \($auc.value | fixed(2)) (\($auc // {} | interval(2))).",
	limits: ((if $events < 100 or ($n - $events) < 100 then ["fewer than 100 with or without the outcome in the test"] else [] end) + (if ($warnings | length) > 0 then ["warnings of the audit"] else [] end) + (if $t.settings.external then [] else ["no external data"] end) | if length == 0 then null else "At least: \(join("; "))." end),
	incomplete: "Any set of modalities but the empty one gets an answer; see the performance by pattern.",
	use: $d.use,
	acquisition: (if ($t.acquisition | length) > 0 then "See the cohort: what the sidecars say. Who acquired what, and when, is for you to write." else null end),
	disjoint: "Patients (groups) are in one part each; the audit looks for leaks and \($d.twins).",
	initial: $d.initial,
	training: "Step 1: \($t.model.training["hmm-condition"]). Step 2: \($t.model.training["hmm-rho"]).",
	kept: ($t.model | kept_words),
	ensemble: ($t.settings.ensemble // "None."),
	uncertainty: "95 % intervals over patients; tests between systems are paired and corrected by Holm.",
	robustness: "Performance by pattern and by subset of modalities.",
	explained: (if ($t.worth | length) > 0 then "Shapley values of the modalities, exact." else null end),
	external: (if $t.settings.external and $t.settings.seen == 0 then "Yes: these patients are of another study." else null end),
	decisions: "See the counts at the threshold.",
	failures: "See the most confident wrong predictions; the reasons are for you to write.",
	no_labels: "No label enters the features. Whether \(if $t.model.images then "images were acquired" else "\($d.things) were measured" end) blind is for you to write.",
	no_covariates: $d.no_covariates,
	prevalence: "At the prevalence of the test as it was found: \(if $n > 0 then $events / $n | percent else "n/a" end).",
	resampling: (if $t.settings.resampling then $d.trained_anew else null end)
} as $answers

| {
	title: $t.settings.title,
	what: $t.settings.what,
	summary: [
		"\($t.settings.what) of \($modalities | length | count("modality")) (\($modalities | join(", "))) in \($all | length | count("subject")), \($all | events) of whom have the outcome (\($t.model.predicts.label)).",
		(if $t.settings.seen > 0 then "The model was trained on \($t.settings.seen) of these patients: the numbers below are too good." else empty end),
		(if $auc then "Of \($n | count("prediction"))\(if $t.settings.seen > 0 then "" else " that no training has seen" end), \($events) with the outcome, the area under the ROC curve is \($auc.value | fixed(2))\(if $auc.low then " (95 % interval \($auc | interval(2)))" else "" end); \($acc.value | percent) are right at the threshold of \($threshold | short)." else "No labelled prediction could be scored." end),
		([$t.baselines[] | select($auc and .metric == "auc" and .other != null and .other > $auc.value and (.p_holm // 1) < 0.05)] | max_by(.other) | if . then "A baseline is better: \(.system | sub("/predictions.tsv$|.tsv$"; "")), with an area of \(.other | fixed(2)) (p \(.p_holm | if . < 0.001 then "< 0.001" else fixed(3) end))." else empty end),
		(if ($errors | length) > 0 then "The audit found \($errors | length | count("error")): the numbers below may be too good." elif ($warnings | length) > 0 then "The audit found no error and \($warnings | length | count("warning"))." else "The audit found nothing." end),
		(if $events < 10 or ($n - $events) < 10 then "There are too few test patients to say much: read the intervals, not the values." else empty end)
	],
	flow: {
		steps: ([{what: "\($d.things) found, of subjects", images: ($t.features | length), subjects: ($all | length)}] + ($splits | map({what: ., images: ([$of[.][].images] | add), subjects: ($of[.] | length)}))),
		left_out: $t.settings.left_out
	},
	cohort: {
		columns: ($parts | map(.name)),
		rows: ([
			($parts | cohort_row("subjects"; .rows | length)),
			($parts | cohort_row("patients"; [.rows[] | .group // .subject] | unique | length)),
			($parts | cohort_row($d.things; [.rows[].images] | add)),
			($parts | cohort_row("outcome 1"; share(.rows | events; .rows | length))),
			($parts | cohort_row("outcome not known"; [.rows[] | select(.label == null)] | length))
		] + [$modalities[] as $m | $parts | cohort_row("has \($m)"; share([.rows[] | select(.has | index($m))] | length; .rows | length))]
		+ [$extra[] as $c | if $all | is_numbers($c) then ($parts | cohort_row("\($c), mean (SD)"; .rows | mean_sd($c)))
			else ($all | levels($c) | if length > 8 or length == 0 then empty else .[] end) as $level | ($parts | cohort_row("\($c): \($level)"; share([.rows[] | select((.[$c] | tostring) == $level)] | length; .rows | length))) end]),
		differences: [$extra[] as $c | ($of | standardised($c)) | select(. != null) | {name: $c, value: fixed(2)}]
	},
	acquisition: $t.acquisition,
	has_acquisition: ($t.acquisition | length > 0),
	patterns: [$all | group_by(.has) | sort_by(-length)[] | {modalities: (.[0].has | join(" + ")), subjects: length, label_0: (map(select(.label == 0)) | length), label_1: events, unknown: (map(select(.label == null)) | length)}],
	audit: {findings: [$t.audit[] | select(.severity != "ok")], clean: ([$t.audit[] | select(.severity == "ok" and ($t.model.images != null or (.check | test("^(blank|imputed-.*|twin-images)$") | not))) | .check] | join(", "))},
	things: $d.things,
	heading: $d.heading,
	twins: $d.twins,
	reading: ($d.reading + if $t.model.vectors and $t.model.members > 1 then " This is how the first fold learned them." else "" end),
	is_images: ($t.model.images != null),
	made: $d.made,
	coded: ($t.model | coded),
	sheets: $t.sheets,
	training: $t.training,
	metrics: [$scores[] | select(.metric | test("^(tn|fp|fn|tp|threshold|auc_hard)$") | not) | {name: (.metric | spell), value: (.value | fixed(3)), interval: interval(3), by: (.interval // "")}],
	figures: $t.svg,
	confusion: (["tn", "fp", "fn", "tp"] | map(. as $m | {key: $m, value: ($scores | metric($m) | .value)}) | from_entries + {threshold: ($threshold | short), rule: $t.settings.rule}),
	baselines: [$t.baselines[] | select(.metric == "auc") | {system: (.system | sub("/predictions.tsv$|.tsv$"; "")), value: (.other | fixed(3)), difference: (.difference | fixed(3)), interval: interval(3), p: (.p_holm | if . == null then "n/a" elif . < 0.001 then "<0.001" else fixed(3) end)}],
	subgroups: [$t.by | group_by([.by, .level])[] | . as $rows | ($rows | metric("auc")) as $a | {by: $rows[0].by, level: ($rows[0].level | name), n: $rows[0].n, events: (($rows | metric("tp")).value as $tp | ($rows | metric("fn")).value as $fn | if $tp == null then "n/a" else $tp + $fn end), auc: ($a.value | fixed(2)), interval: ($a // {} | interval(2)), recall: (($rows | metric("recall")).value | fixed(2)), specificity: (($rows | metric("specificity")).value | fixed(2)), brier: (($rows | metric("brier")).value | fixed(3))}],
	subsets: [$t.subsets[] | select(.metric == "auc" and .protocol != "natural" and .size != null) | {modalities, auc: (.value | fixed(3)), interval: interval(3), n}],
	coverage: [$t.coverage[] | select(.label == "all" or .label == null or .pattern == "all") | {split, pattern, label: (.label | name), n, covered: (.covered | percent), interval: interval(2), size: (.mean_size | fixed(2))}],
	worth: [$t.worth[] | select(.split == $t.settings.split and .measure == "mean_absolute_phi") | {modality, value: (.value | fixed(2)), interval: interval(2)}],
	gains: [$t.gains[] | {given: (.given // "nothing"), modality, gain: (.gain | fixed(3)), error: (.error | fixed(3))}],
	shortcuts: [$t.shortcuts[] | {check, modality: (.modality // ""), value: (.value | fixed(3)), interval: interval(3), verdict}],
	errors: [$called | map(select(.called != .label)) | sort_by(-.wrong)[:10][] | {subject, label: .label, probability: (.probability | fixed(3)), modalities, shares: ([.subject as $s | $t.shares[] | select(.subject == $s) | "\(.modality) \(.phi | fixed(2))"] | join(", "))}],
	power: [$t.power[] | {metric, patients, detectable: (.detectable | fixed(3)), needed}],
	methods: [($t.model | method_words($d; "a classifier")), $t.settings.methods[]],
	updated: [$t.before[] as $b | ($t.after | metric($b.metric)) as $a | {name: ($b.metric | spell), before: ($b.value | fixed(3)), before_interval: ($b | interval(3)), after: ($a.value | fixed(3)), after_interval: ($a // {} | interval(3))}],
	software: $t.settings.software,
	digests: ($t.model.sha256 // {} | to_entries | map({file: .key, digest: .value})),
	seconds: $t.seconds,
	commands: ($t.settings.commands + (if $t.settings.external then [] else [$d.predict] end)),
	checklists: [$t.checklists | map(select($t.model.images != null or (.checklist | startswith("CLAIM") | not))) | group_by(.checklist) | sort_by(.[0].checklist != "TRIPOD+AI", .[0].checklist)[] | {name: .[0].checklist, items: map(. as $i | ($t.study["\(.checklist) \(.item)"] // null) as $own | ($answers[.answer // ""] // null) as $known | {item, topic, answer: ($own // $known // "for you to write"), open: ($own == null and $known == null)})}]
}
# what stands in the page only where there is some of it
| . + ({findings: .audit.findings, coded, baselines, coverage, updated, subsets, worth, shortcuts, errors} | map_values(length > 0) | with_entries(.key |= "has_\(.)"))
| . + {error_sheets: $t.error_sheets, css: $t.css}
