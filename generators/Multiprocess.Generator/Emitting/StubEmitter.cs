using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>
/// Prints the stub of a contract: one switch on the wire id. Each case decodes, calls, and encodes the results.
/// </summary>
internal sealed class StubEmitter(EmitContext context, ContractModel contract)
{
    private const int IdsOnOneLine = 8;

    private readonly CodeWriter _code = context.Code;

    /// <summary>Prints the stub.</summary>
    /// <param name="references">The other contracts of the file; they are registered together with this one.</param>
    public void Emit(IEnumerable<ContractModel> references)
    {
        _code.Write(contract.Kind == ContractKind.Interface
            ? $"/// <summary>Runs calls that arrive for an <see cref=\"{contract.Type}\"/> of this process.</summary>"
            : $"// Runs calls that arrive for {(contract.Kind == ContractKind.Delegate ? "a delegate" : "an object")} of this process: {contract.DisplayName}");
        context.OpenType($"sealed class {contract.StubName} : {context.Runtime("IpcStub")}<{contract.Type}>");
        _code.Write($$"""
            public {{contract.StubName}}() : base({{EmitContext.Literal(contract.WireName)}}, fingerprint: 0x{{contract.Fingerprint:X16}}UL{{(contract.Form == 0 ? "" : $", form: 0x{contract.Form:X16}UL")}})
            {
            }

            """);
        if (contract.HeadsFile)
        {
            EmitRegister(references);
        }

        if (contract.PassesDescriptors)
        {
            _code.Write("""
                /// <inheritdoc/>
                public override bool PassesDescriptors => true;

                """);
        }

        _code.Write($"""
            /// <inheritdoc/>
            public override {context.Runtime("IpcProxy")} CreateProxy({context.Runtime("IpcReference")} reference) => new {contract.ProxyName}(reference);

            """);
        EmitNames();
        _code.Space();
        EmitShapes();
        _code.Space();
        EmitDescription();
        EmitDispatch();
        ExactCallEmitter.Emit(_code, contract);
        _code.Close();
    }

    private void EmitRegister(IEnumerable<ContractModel> references)
    {
        string registry = context.Runtime("IpcContract");
        context.OpenRegister();
        _code.Write($"{registry}.Register<{contract.Type}>(new {contract.StubName}());");
        foreach (var reference in references.Where(reference => reference.MayBeRoot))
        {
            _code.Write($"{registry}.RegisterClosed<{reference.Type}>(new {reference.StubName}());");
        }

        _code.Close();
        _code.Space();
    }

    private void EmitNames()
    {
        _code.Write("/// <inheritdoc/>");
        _code.Open("public override string? GetMethodName(uint methodId) => methodId switch");
        foreach (var call in contract.Members.SelectMany(member => member.Calls))
        {
            _code.Write($"{EmitContext.Hex(call.Id)} => {EmitContext.Literal(call.LogName)},");
        }

        _code.Write("_ => null,");
        _code.Close("};");
    }

    private void EmitShapes()
    {
        var calls = contract.Members.SelectMany(member => member.Calls).ToList();
        EmitIds(calls);
        _code.Space();
        _code.Write("/// <inheritdoc/>");
        _code.Open("public override string? GetShape(uint methodId) => methodId switch");
        foreach (var call in calls)
        {
            if (call.Description.Contains('\n'))
            {
                _code.Write(
                    $"{EmitContext.Hex(call.Id)} => \"\"\"\n    {call.Description.Replace("\n", "\n    ")}\n    "
                        + $"\"\"\",");
            }
            else
            {
                _code.Write($"{EmitContext.Hex(call.Id)} => {EmitContext.Literal(call.Description)},");
            }
        }

        _code.Write("_ => null,");
        _code.Close("};");
    }

    /// <summary>The main contract of the file has the description of the file; the other contracts use it.</summary>
    private void EmitDescription()
    {
        if (context.File.Contract is null)
        {
            return;
        }

        _code.Write("/// <inheritdoc/>");
        string head = $"public override void Describe({context.Runtime("IpcDescription")} ipcDescription)";
        if (!contract.HeadsFile)
        {
            _code.Write($"{head} => new {context.File.Contract!.StubName}().Describe(ipcDescription);");
            _code.Space();
            return;
        }

        _code.Open(head);
        _code.Write($"ipcDescription.Add(\"\"\"\n    {context.File.Description.Replace("\n", "\n    ")}\n    \"\"\");");
        foreach (string other in context.File.OtherContracts)
        {
            _code.Write($"ipcDescription.Add<{other}>();");
        }

        _code.Close();
        _code.Space();
    }

    private void EmitIds(IReadOnlyList<CallModel> calls)
    {
        const string head = "public override global::System.ReadOnlySpan<uint> MethodIds =>";
        _code.Write("/// <inheritdoc/>");
        if (calls.Count <= IdsOnOneLine)
        {
            _code.Write($"{head} [{string.Join(", ", calls.Select(call => EmitContext.Hex(call.Id)))}];");
            return;
        }

        _code.Write(head);
        _code.Write("[");
        for (int i = 0; i < calls.Count; i += IdsOnOneLine)
        {
            _code.Write(
                "    " + string.Concat(
                    calls.Skip(i)
                        .Take(IdsOnOneLine)
                        .Select((call, place) => (place == 0 ? "" : " ") + EmitContext.Hex(call.Id) + ",")));
        }

        _code.Write("];");
    }

    private void EmitDispatch()
    {
        _code.Write("/// <inheritdoc/>");
        _code.Open(
            $"public override void Dispatch({contract.Type} target, ref {context.Runtime("IncomingCall")} call)");
        _code.Open("switch (call.MethodId)");
        foreach (var member in contract.Members)
        {
            foreach (var call in member.Calls)
            {
                _code.Open($"case {EmitContext.Hex(call.Id)}: // {call.Signature}");
                new StubCallEmitter(_code, call).Emit();
                _code.Close();
            }
        }

        _code.Write("""
            default:
                call.MethodMissing();
                return;
            """);
        _code.Close();
        _code.Close();
    }
}
