using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints one case of a stub's switch.</summary>
internal sealed class StubCallEmitter(CodeWriter code, CallModel call)
{
    public void Emit()
    {
        if (call.IsDescribed)
        {
            code.Write("call.CheckShape();");
        }

        foreach (var parameter in call.Parameters.Where(parameter => parameter.IsSent))
        {
            if (parameter is { Kind: ParameterKind.Bytes, IsSensitiveBytes: true })
            {
                code.Write("call.MarkSensitive();");
            }

            code.Write(parameter.Kind switch
            {
                ParameterKind.Bytes => $"{parameter.Type.Type} {parameter.Name} = call.ReadBytes();",
                ParameterKind.Sender => $"object? {parameter.Name} = call.ReadSource();",
                _
                    => $"{parameter.Type.Type} {parameter.Name} = call.Read<{parameter.Type.Type}, "
                        + $"{parameter.Type.Codec}>();",
            });
        }

        code.Write("call.EndArguments();");
        switch (call.Kind)
        {
            case CallKind.Task or CallKind.ValueTask or CallKind.DisposeAsync:
                string codec = call.Result is { } result ? $"<{result.Type}, {result.Codec}>" : "";
                code.Write($"call.Answer{codec}({Invocation()}{(call.MayReturnNoTask ? "!" : "")});");
                break;
            case CallKind.OneWay:
                code.Write(Invocation() + ";");
                break;
            default:
                EmitCallAndAnswer();
                break;
        }

        code.Write("return;");
    }

    private void EmitCallAndAnswer()
    {
        var returned = call.Parameters.Where(parameter => parameter.IsReturned).ToList();
        code.Write((call.Result is { } answer ? answer.Type + " ipcResult = " : "") + Invocation() + ";");
        EmitSubscription();
        code.Write($"call.BeginResults({returned.Count + (call.Result is null ? 0 : 1)});");
        if (call.Result is { } result)
        {
            code.Write($"call.Write<{result.Type}, {result.Codec}>(ipcResult);");
        }

        foreach (var parameter in returned)
        {
            code.Write($"call.Write<{parameter.Type.Type}, {parameter.Type.Codec}>({parameter.Name});");
        }
    }

    /// <summary>The runtime remembers the handlers in an event, to remove them when their connection ends.</summary>
    private void EmitSubscription()
    {
        if (call.Access is not (Access.Add or Access.Remove))
        {
            return;
        }

        string handler = call.Parameters[call.Parameters.Count - 1].Name;
        string name = EmitContext.Literal(call.EventName);
        code.Write(call.Access == Access.Add
            ? $"call.HandlerAdded({name}, target, {handler}, isOneWay: {(call.HandlersAreOneWay ? "true" : "false")}, "
                + $"static (target, handler) => {call.TargetMember} -= handler);"
            : $"call.HandlerRemoved({name}, target, {handler});");
    }

    private string Invocation()
    {
        var arguments = call.Parameters.Select(Argument).ToList();
        if (call.ExactName is not null)
        {
            return $"{ExactCallEmitter.Name(call)}({string.Join(", ", arguments.Prepend("target"))})";
        }

        string last = arguments.LastOrDefault() ?? "";
        return call.Access switch
        {
            Access.Get => call.TargetMember,
            Access.Set => $"{call.TargetMember} = {last}",
            Access.GetIndexed => $"{call.TargetMember}[{string.Join(", ", arguments)}]",
            Access.SetIndexed
                => $"{call.TargetMember}[{string.Join(", ", arguments.Take(arguments.Count - 1))}] = {last}",
            Access.Add
                => $"{call.TargetMember} += call.Handler({last}, isOneWay: "
                    + $"{(call.HandlersAreOneWay ? "true" : "false")})",
            Access.Remove
                => $"{call.TargetMember} -= call.Handler({last}, isOneWay: "
                    + $"{(call.HandlersAreOneWay ? "true" : "false")})",
            _ => $"{call.TargetMember}({string.Join(", ", arguments)})",
        };
    }

    private static string Argument(ParameterModel parameter) => parameter.Kind switch
    {
        ParameterKind.In or ParameterKind.RefReadOnly => "in " + parameter.Name,
        ParameterKind.Ref => "ref " + parameter.Name,
        ParameterKind.Out => $"out {parameter.Type.Type} {parameter.Name}",
        ParameterKind.CancellationToken => "call.CancellationToken",
        _ => parameter.Name,
    };
}
