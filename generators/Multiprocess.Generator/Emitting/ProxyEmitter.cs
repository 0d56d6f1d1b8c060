using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>
/// Prints the proxy of a contract: each member encodes its arguments, sends them, and decodes the results.
/// </summary>
internal sealed class ProxyEmitter(EmitContext context, ContractModel contract)
{
    private readonly CodeWriter _code = context.Code;
    private readonly ProxyCallEmitter _calls = new(context);

    public void Emit()
    {
        string proxyBase = context.Runtime("IpcProxy");
        string reference = context.Runtime("IpcReference");
        if (contract.Kind == ContractKind.Delegate)
        {
            EmitDelegateProxy(proxyBase, reference);
            return;
        }

        _code.Write(contract.Kind == ContractKind.Interface
            ? $"/// <summary>Calls an <see cref=\"{contract.Type}\"/> in another process.</summary>"
            : $"// Calls an object in another process: {contract.DisplayName}");
        context.OpenType($"sealed class {contract.ProxyName} : {proxyBase}, {contract.Type}");
        _code.Open($"public {contract.ProxyName}({reference} reference) : base(reference)");
        _code.Close();
        foreach (var member in contract.Members)
        {
            _code.Space();
            EmitMember(member);
        }

        if (contract.Members.Any(member => member.Fallback is not null))
        {
            new FallbackEmitter(_code, contract).Emit();
            ExactCallEmitter.Emit(_code, contract);
        }

        _code.Close();
    }

    private void EmitDelegateProxy(string proxyBase, string reference)
    {
        var invoke = contract.Members[0];
        _code.Write($"// Calls a delegate in another process: {contract.DisplayName}");
        context.OpenType($"sealed class {contract.ProxyName} : {proxyBase}");
        _code.Write($$"""
            private readonly {{contract.Type}} _delegate;

            public {{contract.ProxyName}}({{reference}} reference) : base(reference)
            {
                _delegate = Invoke;
            }

            /// <inheritdoc/>
            protected override global::System.Delegate? Delegate => _delegate;

            """);
        _code.Open($"private {invoke.Type} Invoke({Parameters(invoke.Calls[0].Parameters)})");
        _calls.EmitInvoke(invoke.Calls[0], invoke.Type);
        _code.Close();
        _code.Close();
    }

    private void EmitMember(MemberModel member)
    {
        foreach (var call in member.Calls)
        {
            _code.Write($"// {EmitContext.Hex(call.Id)}  {call.Signature}");
        }

        _code.Write("/// <inheritdoc/>");
        switch (member.Kind)
        {
            case MemberKind.Method:
                EmitMethod(member, $"{member.Type} {member.Owner}.{member.Name}");
                break;
            case MemberKind.Property:
                EmitAccessors(member, $"{member.Type} {member.Owner}.{member.Name}");
                break;
            case MemberKind.Indexer:
                EmitAccessors(member, $"{member.Type} {member.Owner}.this[{Parameters(member.IndexParameters)}]");
                break;
            case MemberKind.Event:
                EmitAccessors(member, $"event {member.Type} {member.Owner}.{member.Name}");
                break;
        }
    }

    private void EmitMethod(MemberModel member, string head)
    {
        var call = member.Calls[0];
        switch (call.Kind)
        {
            case CallKind.Dispose:
                _code.Write($"{head}() => DisposeRemote({EmitContext.Hex(call.Id)});");
                break;
            case CallKind.DisposeAsync:
                _code.Write($"{head}() => DisposeRemoteAsync({EmitContext.Hex(call.Id)});");
                break;
            default:
                _code.Open($"{head}({Parameters(call.Parameters)})");
                _calls.EmitBody(call, member.Type, FallbackEmitter.Invocation(member, call));
                _code.Close();
                break;
        }
    }

    private void EmitAccessors(MemberModel member, string head)
    {
        _code.Open(head);
        for (int i = 0; i < member.Calls.Count; i++)
        {
            if (i != 0)
            {
                _code.Space();
            }

            var call = member.Calls[i];
            _code.Open(Accessor(call));
            if (call.Access is Access.Add or Access.Remove)
            {
                _code.Write("""
                    if (value is null)
                    {
                        return;
                    }

                    """);
            }

            _calls.EmitBody(call, member.Type, FallbackEmitter.Invocation(member, call));
            _code.Close();
        }

        _code.Close();
    }

    /// <summary>The keyword of an accessor.</summary>
    public static string Accessor(CallModel call) => call.Access switch
    {
        Access.Get or Access.GetIndexed => "get",
        Access.Set or Access.SetIndexed => "set",
        Access.Add => "add",
        _ => "remove",
    };

    public static string Parameters(EquatableArray<ParameterModel> parameters)
        => string.Join(", ", parameters.Select(Parameter));

    public static string Parameter(ParameterModel parameter) => parameter.Kind switch
    {
        ParameterKind.In => "in ",
        ParameterKind.RefReadOnly => "ref readonly ",
        ParameterKind.Ref => "ref ",
        ParameterKind.Out => "out ",
        _ => "",
    } + parameter.Type.Type + " " + parameter.Name;
}
