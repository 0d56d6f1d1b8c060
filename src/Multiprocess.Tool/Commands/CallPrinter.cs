using System.Text.Json.Nodes;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Sessions;

namespace Multiprocess.Tool.Commands;

/// <summary>
/// Makes calls and prints their results, the items of sequences as they arrive, and the calls that the server makes
/// meanwhile.
/// </summary>
internal sealed class CallPrinter
{
    private readonly ToolConsole _console;
    private readonly bool _isJson;
    private readonly Session _session;

    public CallPrinter(ToolConsole console, bool isJson, Session session)
    {
        _console = console;
        _isJson = isJson;
        _session = session;
        session.OnCalled = Called;
    }

    /// <summary>How often the server has called an object of this side.</summary>
    public int Calls { get; private set; }

    /// <summary>Called after each call of the server, with the number of calls so far.</summary>
    public Action<int>? WhenCalled { get; set; }

    /// <summary>Calls a method and prints what it returns.</summary>
    public void Call(long handle, string name, CallArguments arguments, CancellationToken cancellationToken)
    {
        Method method = arguments.Choose(_session.ContractOf(handle), name);
        JsonObject results = _session.Call(handle, method, arguments.For(_session.Book, method), cancellationToken);
        if (method.Disposes)
        {
            _session.Release(handle);
        }

        if (method.Returned is
            { IsSensitive: false, Type: { Name: "System.Collections.Generic.IAsyncEnumerable" } type }
            && Session.HandleOf(results["result"]) is { } sequence)
        {
            foreach (JsonNode? item in _session.Enumerate(sequence, type.Arguments[0], cancellationToken))
            {
                Print("item", item);
            }

            return;
        }

        if (_isJson)
        {
            _console.Json(results);
            return;
        }

        foreach ((string place, JsonNode? value) in results)
        {
            Print(place, value);
        }
    }

    private void Print(string place, JsonNode? value)
    {
        if (_isJson)
        {
            _console.Json(new JsonObject { [place] = value?.DeepClone() });
        }
        else
        {
            _console.LineNow(
                place is "result" or "item" ? ToolConsole.Show(value) : $"{place} = {ToolConsole.Show(value)}");
        }
    }

    private void Called(string name, string? method, JsonObject arguments)
    {
        Calls++;
        string called = method is null ? name : $"{name}.{method}";
        if (_isJson)
        {
            _console.Json(new JsonObject { ["called"] = called, ["arguments"] = arguments });
        }
        else
        {
            _console.LineNow(
                $"{called}({string.Join(", ", arguments.Select(argument => ToolConsole.ShowShort(argument.Value)))})");
        }

        WhenCalled?.Invoke(Calls);
    }
}
