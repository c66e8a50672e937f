"""Files of ONNX, as exporters write them without optimization. That a translation has the values of ONNX's reference evaluator, at two sets of
sizes where the file leaves them open, is a condition of there being one."""

import numpy
import pytest

onnx = pytest.importorskip("onnx")

import equilaw  # noqa: E402
import equilaw.trace  # noqa: E402
from equilaw.trace import opset  # noqa: E402
from onnx.parser import parse_model  # noqa: E402

rng = numpy.random.default_rng(0)


def file(signature, body, shapes, constants=None, opset=20, imports=""):
    """A model of a text; parameters have random values of single precision."""
    text = f'<ir_version: 9, opset_import: ["" : {opset}{imports}]> traced {signature} {{ {body} }}'
    model = parse_model(text)
    arrays = {name: rng.normal(size=shape).astype(numpy.float32) for name, shape in shapes.items()}
    for name, value in {**arrays, **(constants or {})}.items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(numpy.asarray(value), name))
    return model


MLP = {"0.weight": (5, 4), "0.bias": (5,), "2.weight": (3, 5), "2.bias": (3,)}


def quoted(body):
    """Names of PyTorch have dots, which the text of ONNX takes in quotes."""
    for name in ("0.weight", "0.bias", "2.weight", "2.bias"):
        body = body.replace(name, f'"{name}"')
    return body


def mlp(shapes=MLP, **options):
    body = quoted(
        "h = Gemm <transB = 1> (x, 0.weight, 0.bias)  a = Relu(h)  f = Gemm <transB = 1> (a, 2.weight, 2.bias)"
    )
    return file("(float[batch, 4] x) => (float[batch, 3] f)", body, shapes, **options)


def attention(heads=2, mask=False):
    """Projections as PyTorch writes them: shapes are computed, and the factor is the root of a root."""
    body = f"""
        t = Transpose <perm = [1, 0]> (w)  p = MatMul(x, t)  packed = Add(p, b)
        q, k, v = Split <axis = -1, num_outputs = 3> (packed)
        of = Shape(x)  zero = Constant <value_ints = [0]> ()  one = Constant <value_ints = [1]> ()
        two = Constant <value_ints = [2]> ()
        rows = Slice(of, zero, two)  heads = Constant <value_ints = [{heads}, -1]> ()  shape = Concat <axis = 0> (rows, heads)
        qs = Reshape(q, shape)  qh = Transpose <perm = [0, 2, 1, 3]> (qs)
        ks = Reshape(k, shape)  kh = Transpose <perm = [0, 2, 3, 1]> (ks)
        vs = Reshape(v, shape)  vh = Transpose <perm = [0, 2, 1, 3]> (vs)
        s = MatMul(qh, kh)  root = Constant <value_float = 1.4142135> ()  d = Div(s, root)
        a = Softmax <axis = -1> (d)  c = MatMul(a, vh)  ct = Transpose <perm = [0, 2, 1, 3]> (c)
        flat = Constant <value_ints = [4]> ()  back = Concat <axis = 0> (rows, flat)  joined = Reshape(ct, back)
        o = MatMul(joined, out)  y = Add(x, o)  f = LayerNormalization <axis = -1, epsilon = 0.00001> (y, gain, shift)"""
    shapes = {"w": (12, 4), "b": (12,), "out": (4, 4), "gain": (4,), "shift": (4,)}
    return file("(float[batch, length, 4] x) => (float[batch, length, 4] f)", body, shapes)


def convolutional():
    body = """
        c = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x, w, b)
        n = BatchNormalization (c, gain, shift, mean, variance)  r = Relu(n)
        p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)  g = GlobalAveragePool(p)
        flat = Flatten(g)  f = Gemm <transB = 1> (flat, out)"""
    shapes = {"w": (4, 2, 3, 3), "b": (4,), "gain": (4,), "shift": (4,), "out": (3, 4)}
    statistics = {"mean": numpy.zeros(4, numpy.float32), "variance": numpy.ones(4, numpy.float32)}
    return file("(float[batch, 2, 4, 4] x) => (float[batch, 3] f)", body, shapes, statistics)


def test_a_perceptron_has_its_laws():
    found = equilaw.trace.onnx(mlp())
    assert "output F = p2_weight * Z1 + p2_bias * ones(1, n)" in found.text
    report = found.derive()
    assert report.clean and "Diag+(h)" in {action.group for action in report.actions}
    arrays = {x.name: onnx.numpy_helper.to_array(x) for x in mlp().graph.initializer}
    assert report.laws["conserved"][0].quantity(**report.parameters(arrays)).shape == (5, 1)


def test_what_a_file_does_not_tell_is_assumed():
    told = " ".join(equilaw.trace.onnx(mlp()).assumptions)
    assert "every floating initialiser is a parameter" in told
    assert "gradients were not" in told and "no gradient was stopped" in told
    assert "every floating initialiser" not in " ".join(equilaw.trace.onnx(mlp(), parameters=list(MLP)).assumptions)


def test_a_path_is_read_and_sizes_are_those_of_the_arrays(tmp_path):
    path = tmp_path / "net.onnx"
    onnx.save(mlp(), path)
    found = equilaw.trace.onnx(path, numpy.zeros((7, 4)))
    assert found.name == "net" and found.sizes["n"] == 7
    assert set(found.parameters(path)) == set(found.provenance)
    with pytest.raises(TypeError, match="2 arrays are given for 1 inputs: x"):
        equilaw.trace.onnx(path, numpy.zeros((7, 4)), numpy.zeros(3))


def test_attention_is_recognized_and_its_parameters_are_parts():
    found = equilaw.trace.onnx(attention())
    assert found.text.count("softmax(") == 1 and "layernorm(" in found.text and "1e-5" in found.text
    assert "w[0:2] to w[2:4]" in {str(part) for part in found.provenance.values()}
    assert any("one example" in line for line in found.assumptions)
    groups = [action.group for action in found.derive(complete=False).actions]
    assert sum(group.startswith("GL") for group in groups) == 2 and "Perm(H)" in groups


def test_attention_and_its_norm_as_single_operators():
    shapes = {"gain": (4,), **{k: (4, 4) for k in ("wq", "wk", "wv", "out")}}
    heads = " ".join(
        f"{k}p = MatMul(y, w{k})  {k}s = Reshape({k}p, split)  {k}h = Transpose <perm = [0, 2, 1, 3]> ({k}s)"
        for k in "qkv"
    )
    body = f"""y = RMSNormalization <axis = -1, epsilon = 0.001> (x, gain)  split = Constant <value_ints = [0, -1, 2, 2]> ()  {heads}
        a = Attention <is_causal = 1> (qh, kh, vh)  t = Transpose <perm = [0, 2, 1, 3]> (a)
        flat = Constant <value_ints = [0, -1, 4]> ()  j = Reshape(t, flat)  f = MatMul(j, out)"""
    signature = "(float[batch, length, 4] x) => (float[batch, length, 4] f)"
    found = equilaw.trace.onnx(file(signature, body, shapes, opset=23))
    assert "rmsnorm(X, 1/1000)" in found.text and found.text.count("softmax(") == 1 and found.sizes["H"] == 2
    assert any("a mask is a matrix" in line for line in found.assumptions)


def test_images_and_statistics():
    found = equilaw.trace.onnx(convolutional())
    assert "mean" not in found.provenance and any("statistics are fixed" in line for line in found.assumptions)
    assert "max(" in found.text and found.provenance["w"].indices == (9,)


def test_tokens():
    body = "e = Gather <axis = 0> (table, t)  h = MatMul(e, w)  f = Tanh(h)"
    found = equilaw.trace.onnx(
        file("(int64[batch, length] t) => (float[batch, length, 3] f)", body, {"table": (6, 4), "w": (4, 3)})
    )
    assert "onehot(T)" in found.text and "param table" in found.text


def test_a_gelu_in_parts_is_one():
    root, one, half = (f"{name} = Constant <value_float = {x}> ()" for name, x in zip("roh", (1.4142135, 1.0, 0.5)))
    body = f"{root} {one} {half} u = MatMul(x, w) d = Div(u, r) e = Erf(d) s = Add(e, o) m = Mul(u, s) g = Mul(m, h) f = MatMul(g, v)"
    text = equilaw.trace.onnx(file("(float[n, 4] x) => (float[n, 3] f)", body, {"w": (4, 5), "v": (5, 3)})).text
    assert "gelu(" in text and "activation" not in text


@pytest.mark.parametrize(
    "operation", [*opset.ELEMENTWISE, *opset.ODD, "Elu", "Selu", "HardSigmoid", "LeakyRelu", "Gelu", "Celu"]
)
def test_functions_of_each_entry(operation):
    """Each has the values of the reference, also in what single precision would hide."""
    inner = "p = Softplus(u)" if operation in ("Log", "Sqrt") else "p = Identity(u)"
    attributes = " <alpha = 0.16666667>" if operation == "HardSigmoid" else ""
    body = f"u = MatMul(x, w) {inner} a = {operation}{attributes}(p) f = MatMul(a, v)"
    text = equilaw.trace.onnx(file("(float[n, 4] x) => (float[n, 3] f)", body, {"w": (4, 5), "v": (5, 3)})).text
    assert ("\nactivation " in text) == (operation in opset.ODD or operation == "LeakyRelu")


def test_an_unknown_operation_is_an_arbitrary_function():
    body = "axis = Constant <value_int = 0> () u = MatMul(x, w) c = CumSum(u, axis) f = MatMul(c, v)"
    found = equilaw.trace.onnx(file("(float[n, 4] x) => (float[n, 3] f)", body, {"w": (4, 5), "v": (5, 3)}))
    assert "function CumSum" in found.text and any("CumSum is an arbitrary function" in x for x in found.assumptions)


def test_frozen_parameters_and_buffers_are_data():
    assert "data  p2_weight : k x h fixed" in equilaw.trace.onnx(mlp(), frozen=["2."]).text
    trained = [name for name in MLP if name != "0.bias"]
    assert "data  p0_bias : h fixed" in equilaw.trace.onnx(mlp(), parameters=trained).text


@pytest.mark.parametrize(
    "operation, make",
    [("Relu", mlp), ("Gemm", mlp), ("Softmax", attention), ("Split", attention), ("MaxPool", convolutional)],
)
def test_a_wrong_translation_is_caught(operation, make, monkeypatch):
    right = opset.HANDLERS[operation]
    wrong = {
        "Relu": lambda call: call.tensor(),
        "Softmax": lambda call: call.tensor(),
        "Gemm": lambda call: opset.HANDLERS["Tanh"](
            opset.Call("Tanh", [opset.Value(call.outputs[0], right(call))], {}, call.outputs)
        ),
        "Split": lambda call: list(reversed(right(call))),
        "MaxPool": lambda call: [opset.averaged(call.tensor(), call.shape, [2, 2])],
    }
    monkeypatch.setitem(opset.HANDLERS, operation, wrong[operation])
    with pytest.raises(equilaw.trace.Disagreement, match=operation):
        equilaw.trace.onnx(make())


# What is refused: where a parameter of the file is none of the code, its laws would be false.


@pytest.mark.parametrize("made", ["onnx::MatMul_57", "val_2", "57", "/layer/Constant_output_0", "0.weight_fused"])
def test_an_initialiser_that_was_made_is_refused(made):
    model = mlp()
    for x in model.graph.initializer:
        x.name = made if x.name == "0.weight" else x.name
    model.graph.node[0].input[1] = made
    with pytest.raises(equilaw.trace.Untraceable, match="is no parameter of the code"):
        equilaw.trace.onnx(model)


def test_equal_arrays_that_were_merged_are_refused():
    """Two norms that were equal when the file was written are one array in an optimized file: the name does not tell."""
    body = "y = LayerNormalization (x, gain, bias)  u = MatMul(y, w)  z = LayerNormalization (u, gain, bias)  f = MatMul(z, v)"
    model = file("(float[n, 4] x) => (float[n, 3] f)", body, {"gain": (4,), "bias": (4,), "w": (4, 4), "v": (4, 3)})
    with pytest.raises(equilaw.trace.Untraceable, match="gain of traced is used 2 times"):
        equilaw.trace.onnx(model)
    tied = equilaw.trace.onnx(model, parameters=["gain", "bias", "w", "v"])
    assert len(tied.provenance) == 4
    with pytest.raises(equilaw.trace.Untraceable, match="no initialiser for other"):
        equilaw.trace.onnx(model, parameters=["gain", "bias", "w", "v", "other"])


@pytest.mark.parametrize(
    "body, options, told",
    [
        ("f = com.microsoft.FusedMatMul(x, w)", dict(imports=', "com.microsoft" : 1'), "what an optimizer writes"),
        ("f = MatMul(x, w)", dict(opset=11), "opset 11 is too old"),
        ("r = RandomNormalLike(x)  y = Add(x, r)  f = MatMul(y, w)", {}, "random"),
        (
            "on = Constant <value = bool {1}> ()  p = Constant <value_float = 0.5> ()  y = Dropout(x, p, on)  f = MatMul(y, w)",
            {},
            "dropout in training",
        ),
    ],
)
def test_files_that_are_refused(body, options, told):
    with pytest.raises(equilaw.trace.Untraceable, match=told):
        equilaw.trace.onnx(file("(float[n, 4] x) => (float[n, 3] f)", body, {"w": (4, 3)}, **options))


def test_a_size_that_is_written_into_the_file_is_noted():
    """Where a file takes no other number of samples, it is compared at that of the file alone."""
    body = "s = Constant <value_ints = [6, 2, 2]> ()  y = Reshape(x, s)  t = Constant <value_ints = [6, 4]> ()  z = Reshape(y, t)  f = MatMul(z, w)"
    found = equilaw.trace.onnx(file("(float[6, 4] x) => (float[6, 3] f)", body, {"w": (4, 3)}))
    assert any("no other number of rows" in line for line in found.assumptions)


def test_modules_that_pytorch_exports():
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    if not hasattr(torch, "export"):
        pytest.skip("needs the exporter of PyTorch 2")
    import modules

    for make in (modules.mlp, modules.glu, modules.encoder_layer, modules.gpt2_block):
        module, args = make()
        args = tuple(x[:1] if x.ndim > 2 else x for x in args)
        written = torch.onnx.export(module.eval(), args, dynamo=True, optimize=False, verbose=False).model_proto
        ours = equilaw.trace.onnx(written, parameters=module)
        theirs = equilaw.trace.torch(module, *args)
        # The same parameters in the same parts: so many cuts of each.
        assert sorted(map(str, ours.provenance.values())) == sorted(map(str, theirs.provenance.values()))
        merged = torch.onnx.export(module.eval(), args, dynamo=True, optimize=True, verbose=False).model_proto
        if make is modules.encoder_layer:
            with pytest.raises(equilaw.trace.Untraceable, match="merged or left out"):
                equilaw.trace.onnx(merged, parameters=module)


def test_group_norms():
    body = "h = Conv(x, w)  g = GroupNormalization <num_groups = 2> (h, gain, shift)  a = Relu(g)  f = Conv(a, v)"
    shapes = {"w": (6, 3, 1), "gain": (6,), "shift": (6,), "v": (2, 6, 1)}
    text = equilaw.trace.onnx(file("(float[1, 3, 5] x) => (float[1, 2, 5] f)", body, shapes, opset=21)).text
    assert "groupnorm(" in text and "function" not in text


@pytest.mark.parametrize(
    "equation, shapes",
    [
        ("nd,de->ne", {"w": (4, 3)}),
        ("nd,hde,hek->nk", {"w": (2, 4, 3), "v": (2, 3, 5)}),
        ("nd,ed->en", {"w": (3, 4)}),
        ("...d,de", {"w": (4, 3)}),
        ("...d,...de->...e", {"w": (4, 3)}),
    ],
)
def test_einstein_sums(equation, shapes):
    body = f'f = Einsum <equation = "{equation}"> (x, {", ".join(shapes)})'
    found = equilaw.trace.onnx(file("(float[n, 4] x) => (float[a, b] f)", body, shapes))
    assert "function" not in found.text and ("sum(i in 1..H)" in found.text) == ("h" in equation)


def test_transposed_convolutions_and_windows_are_translated():
    """Whatever padding is, also one that differs at the two ends, and whether what is padded is counted in a mean."""
    body = """
        c = Conv <kernel_shape = [3, 3], pads = [1, 0, 1, 2]> (x, w)  r = Relu(c)
        p = MaxPool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 0, 1]> (r)
        a = AveragePool <kernel_shape = [2, 2], pads = [0, 1, 1, 0]> (p)
        f = ConvTranspose <kernel_shape = [2, 2], strides = [2, 2]> (a, v)"""
    model = file("(float[1, 2, 5, 5] x) => (float[a, b, c, d] f)", body, {"w": (4, 2, 3, 3), "v": (4, 3, 2, 2)})
    found = equilaw.trace.onnx(model)
    assert "function" not in found.text
    assert "Diag+(h)" in {a.group for a in found.derive(checks=False, complete=False).actions if a.proved}


@pytest.mark.parametrize("groups", [4, 2, 1])
def test_attention_of_grouped_queries(groups):
    """Four heads, that have keys and values of their own, two by two, or all of them in common."""
    body = f"""q = MatMul(x, wq)  k = MatMul(x, wk)  v = MatMul(x, wv)
        a = Attention <q_num_heads = 4, kv_num_heads = {groups}> (q, k, v)  f = MatMul(a, wo)"""
    shapes = {"wq": (8, 8), "wk": (8, 2 * groups), "wv": (8, 2 * groups), "wo": (8, 8)}
    model = file("(float[1, n, 8] x) => (float[1, n, 8] f)", body, shapes, opset=23)
    found = equilaw.trace.onnx(model)
    assert "function" not in found.text and found.sizes["H"] == (groups if groups > 1 else 4)
