using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the stub of a contract of Cap'n Proto, with the registration.</summary>
internal static class CapnpStubEmitter
{
    public static void Emit(CodeWriter code, CapnpContract contract)
    {
        string stub = contract.Prefix + "Stub";
        code.Write($"/// <summary>Runs the calls of peers on an {CapnpProxyEmitter.CommentOf(contract)}.</summary>");
        CapnpFileEmitter.OpenType(code, $"sealed class {stub} : CapnpStub<{contract.Type}>");
        code.Write($$"""
            public {{stub}}({{contract.Type}} target) : base(target)
            {
            }

            """);
        EmitRegister(code, contract, stub);
        code.Space();
        EmitContexts(code, contract);
        code.Open("protected override global::System.Threading.Tasks.ValueTask Run(CapnpIncomingCall ipcCall)");
        code.Open("switch (ipcCall.InterfaceId, ipcCall.MethodId)");
        foreach (var construct in contract.Constructs)
        {
            EmitCase(code, construct.InterfaceId, construct.Ordinal, "return ipcCall.ExchangeThreads();");
        }

        foreach (var destroy in contract.Destroys)
        {
            EmitCase(code, destroy.InterfaceId, destroy.Ordinal, "Destroy();", "return default;");
        }

        foreach (var method in contract.Methods)
        {
            if (method.Answer != CapnpAnswer.Synchronous)
            {
                EmitCase(code, method.InterfaceId, method.Ordinal, $"return new({method.RunName}(ipcCall));");
            }
            else
            {
                EmitCase(code, method.InterfaceId, method.Ordinal, $"{method.RunName}(ipcCall);", "return default;");
            }
        }

        code.Write("""
            default:
                return ipcCall.Unknown();
            """);
        code.Close();
        code.Close();
        foreach (var method in contract.Methods)
        {
            code.Space();
            EmitRun(code, method);
        }

        code.Close();
    }

    private static void EmitRegister(CodeWriter code, CapnpContract contract, string stub)
    {
        code.Write("/// <summary>Registers the code of this file, before other code of the assembly runs.</summary>");
        code.Write("[global::System.Runtime.CompilerServices.ModuleInitializer]");
        string proxy = contract.IsDelegate
            ? $"origin => new {contract.Prefix}Proxy(origin).Invoke"
            : $"origin => new {contract.Prefix}Proxy(origin)";
        string construct = contract.Constructs.Count == 0
            ? "0, -1"
            : $"{contract.Constructs[0].InterfaceId}, {contract.Constructs[0].Ordinal}";
        code.Write($"""
            internal static void Register() => CapnpBinding.Register<{contract.Type}>(
                {proxy}, target => new {stub}(target), {construct});
            """);
    }

    // The methods that run on the thread that their context names.
    private static void EmitContexts(CodeWriter code, CapnpContract contract)
    {
        var contexts = contract.Destroys.Where(destroy => destroy.HasContext)
            .Select(destroy => (destroy.InterfaceId, destroy.Ordinal, Context: 0))
            .Concat(contract.Methods
                .Where(method => method.Answer == CapnpAnswer.Synchronous && method.Context >= 0)
                .Select(method => (method.InterfaceId, method.Ordinal, method.Context)))
            .ToArray();
        if (contexts.Length == 0)
        {
            return;
        }

        code.Write("protected override int ContextOf(ulong interfaceId, ushort methodId)");
        code.Open("    => (interfaceId, methodId) switch");
        foreach (var (interfaceId, ordinal, context) in contexts)
        {
            code.Write($"({interfaceId}, {ordinal}) => {context},");
        }

        code.Write("_ => -1,");
        code.Close("};");
        code.Space();
    }

    private static void EmitCase(CodeWriter code, string interfaceId, int ordinal, params string[] body)
    {
        code.Write($"case ({interfaceId}, {ordinal}):");
        foreach (string line in body)
        {
            code.Write($"    {line}");
        }
    }

    private static void EmitRun(CodeWriter code, CapnpMethod method)
    {
        bool isAsynchronous = method.Answer != CapnpAnswer.Synchronous;
        code.Write($"// @{method.Ordinal}  {method.Signature}");
        code.Open(
            isAsynchronous
                ? $"private async global::System.Threading.Tasks.Task {method.RunName}(CapnpIncomingCall ipcCall)"
                : $"private void {method.RunName}(CapnpIncomingCall ipcCall)");
        if (method.ParameterFields.Count != 0)
        {
            code.Write("CapnpStructReader ipcParameters = ipcCall.Parameters;");
        }

        foreach (var field in method.ParameterFields)
        {
            string read = CapnpFieldEmitter.Read(
                "ipcParameters", field, $"Parameter '{field.Name}' of {method.Name}");
            code.Write($"{field.Type.FullType} {field.Name} = {read};");
        }

        if (method.Throws.Count != 0)
        {
            foreach (var parameter in method.Parameters.Where(parameter => parameter.IsOut))
            {
                code.Write($"{parameter.Type} {parameter.Name};");
            }

            if (method.ResultType is not null)
            {
                code.Write($"{method.ResultType} ipcResult;");
            }

            code.Open("try");
            code.Write((method.ResultType is null ? "" : "ipcResult = ") + Invoke(method) + ";");
            code.Close();
            foreach (var thrown in method.Throws)
            {
                code.Open($"catch ({thrown.Type} ipcError)");
                string pointer =
                    $"ipcCall.InitResults({CapnpFileEmitter.Size(method.ResultSize)}).Pointer({thrown.Pointer})";
                code.Write(
                    thrown.Codec.Length == 0
                        ? $"{pointer}.WriteText(ipcError.Message);"
                        : $"{thrown.Codec}.Write(ipcCall, {pointer}, ipcError);");
                code.Write("return;");
                code.Close();
            }

            code.Space();
        }
        else
        {
            code.Write((method.ResultType is null ? "" : $"{method.ResultType} ipcResult = ") + Invoke(method) + ";");
        }

        if (method.IsThreadMap)
        {
            code.Write("_ = ipcCall.ExchangeThreads();");
            code.Close();
            return;
        }

        string init = $"ipcCall.InitResults({CapnpFileEmitter.Size(method.ResultSize)});";
        code.Write(method.ResultFields.Count == 0 ? init : $"CapnpStructBuilder ipcResults = {init}");
        foreach (var field in method.ResultFields)
        {
            CapnpFieldEmitter.Write(code, "ipcResults", field, field.Name.Length == 0 ? "ipcResult" : field.Name);
        }

        code.Close();
    }

    private static string Invoke(CapnpMethod method)
    {
        // The parameter of a setter is the value.
        string target = method.Kind switch
        {
            CapnpCallKind.Delegate => "Target",
            _ => $"(({method.Declarer})Target).{method.Name}",
        };
        string arguments = string.Join(
            ", ", method.Parameters.Select(parameter => Argument(parameter, isDeclared: method.Throws.Count == 0)));
        return method.Kind switch
        {
            CapnpCallKind.Getter => target,
            CapnpCallKind.Setter => $"{target} = {method.Parameters[0].Name}",
            _ when method.Answer == CapnpAnswer.Synchronous => $"{target}({arguments})",
            _ => $"await {target}({arguments}).ConfigureAwait(false)",
        };
    }

    private static string Argument(CapnpParameter parameter, bool isDeclared)
        => parameter.IsToken ? "ipcCall.CancellationToken"
            : parameter.IsOut && isDeclared ? $"out {parameter.Type} {parameter.Name}"
            : parameter.Modifier.Replace("ref readonly", "in") + parameter.Name;
}
