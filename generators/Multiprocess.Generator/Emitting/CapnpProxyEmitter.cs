using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the proxy of a contract of Cap'n Proto.</summary>
internal static class CapnpProxyEmitter
{
    public static void Emit(CodeWriter code, CapnpContract contract)
    {
        code.Write($"/// <summary>Calls an {CommentOf(contract)} in another process.</summary>");
        CapnpFileEmitter.OpenType(
            code,
            contract.IsDelegate
                ? $"sealed class {contract.Prefix}Proxy : CapnpProxy"
                : $"sealed class {contract.Prefix}Proxy : CapnpProxy, {contract.Type}");
        code.Write($$"""
            public {{contract.Prefix}}Proxy(CapnpProxyOrigin origin) : base(origin)
            {
            }
            """);
        foreach (var group in contract.Methods.GroupBy(
            method => method.Kind is CapnpCallKind.Getter or CapnpCallKind.Setter
                ? method.Declarer + "." + method.Name
                : method.InterfaceId + method.Ordinal))
        {
            code.Space();
            var first = group.First();
            if (first.Kind is CapnpCallKind.Method or CapnpCallKind.Delegate)
            {
                EmitMethod(code, first);
            }
            else
            {
                EmitProperty(code, [.. group]);
            }
        }

        foreach (string leftOut in contract.LeftOut)
        {
            code.Space();
            code.Write(leftOut);
        }

        EmitDisposal(code, contract);
        code.Close();
    }

    private static void EmitMethod(CodeWriter code, CapnpMethod method)
    {
        EmitComment(code, method);
        string parameters = string.Join(
            ", ", method.Parameters.Select(parameter => $"{parameter.Modifier}{parameter.Type} {parameter.Name}"));
        string result = method.ResultType ?? "void";
        (string keyword, string returned) = method.Answer switch
        {
            CapnpAnswer.Synchronous => ("", result),
            CapnpAnswer.Task => ("async ", TaskOf("Task", method)),
            _ => ("async ", TaskOf("ValueTask", method)),
        };
        code.Open(
            method.Kind == CapnpCallKind.Delegate
                ? $"public {keyword}{returned} {method.Name}({parameters})"
                : $"{keyword}{returned} {method.Declarer}.{method.Name}({parameters})");
        EmitBody(code, method);
        code.Close();
    }

    /// <summary>The name of a contract in a comment.</summary>
    public static string CommentOf(CapnpContract contract)
        => contract.IsGeneric
            ? $"<c>{contract.DisplayName.Replace("<", "&lt;").Replace(">", "&gt;")}</c>"
            : $"<see cref=\"{contract.Type}\"/>";

    private static string TaskOf(string name, CapnpMethod method)
        => $"global::System.Threading.Tasks.{name}" + (method.ResultType is { } result ? $"<{result}>" : "");

    private static void EmitProperty(CodeWriter code, CapnpMethod[] accessors)
    {
        var first = accessors[0];
        string type = first.ResultType ?? first.Parameters[0].Type;
        foreach (var accessor in accessors)
        {
            EmitComment(code, accessor);
        }

        code.Open($"{type} {first.Declarer}.{first.Name}");
        foreach (var accessor in accessors)
        {
            code.Open(accessor.Kind == CapnpCallKind.Getter ? "get" : "set");
            EmitBody(code, accessor);
            code.Close();
        }

        code.Close();
    }

    private static void EmitComment(CodeWriter code, CapnpMethod method)
        => code.Write($"// {method.InterfaceId} @{method.Ordinal}  {method.Signature}");

    private static void EmitBody(CodeWriter code, CapnpMethod method)
    {
        if (method.IsThreadMap)
        {
            code.Write($"ExchangeThreads({method.InterfaceId}, {method.Ordinal});");
            if (method.Answer == CapnpAnswer.Task || method.Answer == CapnpAnswer.ValueTask)
            {
                code.Write("await global::System.Threading.Tasks.Task.CompletedTask.ConfigureAwait(false);");
            }

            return;
        }

        foreach (var parameter in method.Parameters.Where(parameter => parameter.RefusesNull))
        {
            code.Write($"global::System.ArgumentNullException.ThrowIfNull({parameter.Name});");
        }

        bool isAsynchronous = method.Answer != CapnpAnswer.Synchronous;
        code.Write(
            "using CapnpOutgoingCall ipcCall = Begin("
                + $"{method.InterfaceId}, {method.Ordinal}, {CapnpFileEmitter.Size(method.ParameterSize)});");
        if (method.Context >= 0)
        {
            code.Write($"ipcCall.Write{(isAsynchronous ? "Asynchronous" : "")}Context({method.Context});");
        }

        if (method.ParameterFields.Count != 0 || method.Wants.Count != 0)
        {
            code.Write("CapnpStructBuilder ipcParameters = ipcCall.Parameters;");
        }

        foreach (var field in method.ParameterFields)
        {
            CapnpFieldEmitter.Write(code, "ipcParameters", field, field.Name);
        }

        foreach (int want in method.Wants)
        {
            code.Write($"ipcParameters.WriteBool({want}, true);");
        }

        string token = method.Parameters.FirstOrDefault(parameter => parameter.IsToken)?.Name ?? "";
        code.Write(
            isAsynchronous ? $"await ipcCall.SendAsync({token}).ConfigureAwait(false);" : $"ipcCall.Send({token});");
        EmitResults(code, method);
    }

    private static void EmitResults(CodeWriter code, CapnpMethod method)
    {
        if (method.ResultFields.Count == 0 && method.Throws.Count == 0)
        {
            return;
        }

        code.Write("CapnpStructReader ipcResults = ipcCall.Results;");
        foreach (var thrown in method.Throws)
        {
            string pointer = $"ipcResults.Pointer({thrown.Pointer})";
            code.Open($"if (!{pointer}.IsNull)");
            code.Write(
                thrown.Codec.Length == 0
                    ? $"throw new {thrown.Type}({pointer}.ReadText() ?? \"\");"
                    : $"throw {thrown.Codec}.Read(ipcCall, {pointer});");
            code.Close();
            code.Space();
        }

        foreach (var field in method.ResultFields.Where(field => field.Name.Length != 0))
        {
            code.Write($"{field.Name} = {CapnpFieldEmitter.Read("ipcResults", field, Label(method, field))};");
        }

        foreach (var field in method.ResultFields.Where(field => field.Name.Length == 0))
        {
            code.Write($"return {CapnpFieldEmitter.Read("ipcResults", field, Label(method, field))};");
        }
    }

    private static string Label(CapnpMethod method, CapnpField field)
        => field.Name.Length == 0 ? $"Result of {method.Name}" : $"Parameter '{field.Name}' of {method.Name}";

    private static void EmitDisposal(CodeWriter code, CapnpContract contract)
    {
        string arguments = contract.Destroys.Count == 0
            ? "0, -1, false"
            : $"{contract.Destroys[0].InterfaceId}, {contract.Destroys[0].Ordinal}, "
                + (contract.Destroys[0].HasContext ? "true" : "false");
        if (contract.IsDisposable)
        {
            code.Space();
            code.Write($"void global::System.IDisposable.Dispose() => Destroy({arguments});");
        }

        if (contract.IsAsyncDisposable)
        {
            code.Space();
            code.Write(
                "global::System.Threading.Tasks.ValueTask global::System.IAsyncDisposable.DisposeAsync() "
                    + $"=> DestroyAsync({arguments});");
        }
    }
}
