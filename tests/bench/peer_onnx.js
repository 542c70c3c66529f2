// peer_onnx.js THREADS FOLDER SECONDS: slices per second of ONNX Runtime on FOLDER/model.onnx; the
// distance of its output from FOLDER/output.f32 goes to standard error.
const fs = require('fs');
const onnx = require('onnxruntime-node');

const floats = (path) => {
	const bytes = fs.readFileSync(path);
	return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

async function main([threads, folder, seconds]) {
	const session = await onnx.InferenceSession.create(`${folder}/model.onnx`, {
		intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all',
	});
	const shape = JSON.parse(fs.readFileSync(`${folder}/shape.json`));
	const input = { x: new onnx.Tensor('float32', floats(`${folder}/input.f32`), shape) };
	const { y } = await session.run(input);
	const want = floats(`${folder}/output.f32`);
	let off = 0, all = 0;
	want.forEach((value, i) => {
		off += (y.data[i] - value) ** 2;
		all += value ** 2;
	});
	console.error(`bench: ONNX Runtime, relative L2 distance from PyTorch float64: ${Math.sqrt(off / all).toPrecision(3)}`);
	const start = process.hrtime.bigint();
	let passes = 0, passed = 0;
	for (; passes < 1 || passed < Number(seconds); passes++) {
		await session.run(input);
		passed = Number(process.hrtime.bigint() - start) * 1e-9;
	}
	console.log((shape[0] * passes) / passed);
}
main(process.argv.slice(2));
