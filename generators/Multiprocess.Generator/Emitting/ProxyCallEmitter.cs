using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Emitting;

/// <summary>Prints the body of one call in a proxy, in the order in which the call happens.</summary>
internal sealed class ProxyCallEmitter(EmitContext context)
{
    private readonly CodeWriter _code = context.Code;

    /// <summary>Prints the body of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="returnType">The return type of the member.</param>
    /// <param name="fallback">The call that runs instead if the peer lacks the method; null to throw the error.</param>
    public void EmitBody(CallModel call, string returnType, string? fallback)
    {
        if (fallback is null)
        {
            EmitCall(call, returnType, SendAsync(call));
            return;
        }

        if (call.Kind == CallKind.OneWay)
        {
            EmitOneWayOrElse(call, fallback);
            return;
        }

        if (call.Kind is CallKind.Task or CallKind.ValueTask)
        {
            string body = call.Kind == CallKind.Task ? fallback + "!" : fallback + ".AsTask()";
            EmitCall(call, returnType, $"OrElse({SendAsync(call)}, () => {body})");
            return;
        }

        _code.Open("try");
        EmitCall(call, returnType, "");
        _code.Close();
        _code.Open("catch (global::System.Exception ipcMissing) when (IsMethodMissing(ipcMissing))");
        _code.Write("// The peer is older and lacks this member: the member's own body runs here.");
        _code.Write((call.Result is null ? "" : "return ") + fallback + ";");
        _code.Close();
    }

    /// <summary>
    /// Prints the body of a delegate's call. An event handler without a result does nothing after its connection has
    /// ended.
    /// </summary>
    public void EmitInvoke(CallModel call, string returnType)
    {
        if (call.Kind != CallKind.Synchronous
            || call.Result is not null
            || call.Parameters.Any(parameter => parameter.IsReturned))
        {
            EmitCall(call, returnType, SendAsync(call));
            return;
        }

        _code.Open("try");
        EmitCall(call, returnType, "");
        _code.Close();
        _code.Write("""
            catch (global::System.Exception ipcLost) when (IsHandlerLost(ipcLost))
            {
                // A handler whose connection is gone hears nothing, and the raiser goes on.
            }
            """);
    }

    /// <summary>
    /// Prints the first call of a one-way method with an answer, to learn whether the peer has the method. Later calls
    /// have no answer.
    /// </summary>
    private void EmitOneWayOrElse(CallModel call, string fallback)
    {
        EmitNullChecks(call);
        _code.Open($"if (MayHave({EmitContext.Hex(call.Id)}))");
        EmitCheckedCall(call, "StartOneWayOrFirstCall", () => _code.Write("""
            if (ipcCall.TrySendOneWay())
            {
                return;
            }
            """));
        _code.Close();
        _code.Space();
        _code.Write("// The peer is older and lacks this member: the member's own body runs here.");
        _code.Write(fallback + ";");
    }

    private void EmitCall(CallModel call, string returnType, string sendAsync)
    {
        EmitNullChecks(call);
        EmitCheckedCall(call, "StartOneWayCall", () => EmitSend(call, returnType, sendAsync));
    }

    private void EmitCheckedCall(CallModel call, string startOneWay, Action emitSend)
    {
        if (call.IsDescribed)
        {
            _code.Write($"Describe({EmitContext.Hex(call.Id)});");
        }

        EmitStart(call, startOneWay);
        _code.Open("try");
        foreach (var parameter in call.Parameters.Where(parameter => parameter.IsSent))
        {
            if (parameter is { Kind: ParameterKind.Bytes, IsSensitiveBytes: true })
            {
                _code.Write("ipcCall.MarkSensitive();");
            }

            _code.Write(parameter.Kind switch
            {
                ParameterKind.Bytes => $"ipcCall.WriteBytes({parameter.Name});",
                ParameterKind.Sender => $"ipcCall.WriteSource({parameter.Name});",
                _ => $"ipcCall.Write<{parameter.Type.Type}, {parameter.Type.Codec}>({parameter.Name});",
            });
        }

        emitSend();
        _code.Close();
        _code.Write("""
            finally
            {
                ipcCall.Dispose();
            }
            """);
    }

    private void EmitSend(CallModel call, string returnType, string sendAsync)
    {
        switch (call.Kind)
        {
            case CallKind.OneWay:
                _code.Write("ipcCall.SendOneWay();");
                break;
            case CallKind.Task:
                _code.Write($"return {sendAsync};");
                break;
            case CallKind.ValueTask:
                _code.Write($"return new {returnType}({sendAsync});");
                break;
            default:
                EmitSendAndReceive(call);
                break;
        }
    }

    private static string SendAsync(CallModel call)
        => call.Result is { } result ? $"ipcCall.SendAsync<{result.Type}, {result.Codec}>()" : "ipcCall.SendAsync()";

    private static string Read(TypeModel type) => $"ipcCall.Read<{type.Type}, {type.Codec}>()";

    private void EmitNullChecks(CallModel call)
    {
        var refusing = call.Parameters.Where(parameter => parameter.RefusesNull).ToList();
        foreach (var parameter in refusing)
        {
            _code.Write($"global::System.ArgumentNullException.ThrowIfNull({parameter.Name});");
        }
    }

    private void EmitStart(CallModel call, string startOneWay)
    {
        string id = EmitContext.Hex(call.Id);
        int count = call.Parameters.Count(parameter => parameter.IsSent);
        var token = call.Parameters.FirstOrDefault(parameter => parameter.Kind == ParameterKind.CancellationToken);
        if (call.Kind == CallKind.OneWay)
        {
            if (token is not null)
            {
                _code.Write($"{token.Name}.ThrowIfCancellationRequested();");
            }

            _code.Write($"{context.Runtime("OutgoingCall")} ipcCall = {startOneWay}({id}, argumentCount: {count});");
            return;
        }

        string start = call.Kind is CallKind.Task or CallKind.ValueTask ? "StartAsyncCall" : "StartCall";
        string cancellation = token is null ? "" : ", " + token.Name;
        string timeout = call.TimeoutMilliseconds == 0 ? "" : $", timeoutMilliseconds: {call.TimeoutMilliseconds}";
        _code.Write(
            $"{context.Runtime("OutgoingCall")} ipcCall = {start}({id}, argumentCount: "
                + $"{count}{cancellation}{timeout});");
    }

    private void EmitSendAndReceive(CallModel call)
    {
        _code.Write("ipcCall.Send();");
        var returned = call.Parameters.Where(parameter => parameter.IsReturned).ToList();
        if (call.Result is { } result)
        {
            string read = Read(result);
            _code.Write(returned.Count == 0 ? $"return {read};" : $"{result.Type} ipcResult = {read};");
        }

        foreach (var parameter in returned)
        {
            _code.Write($"{parameter.Name} = {Read(parameter.Type)};");
        }

        if (call.Result is not null && returned.Count != 0)
        {
            _code.Write("return ipcResult;");
        }
    }
}
