using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>
/// The scan of one method: at most one runs, and other calls of the method ask for its progress or abort it.
/// Thread-safe.
/// </summary>
internal sealed class RunningScan
{
    private int _isRunning;
    private volatile bool _isAborted;
    private volatile int _progress;

    /// <summary>Whether a caller asked to end the scan. Only the running scan reads it.</summary>
    internal bool IsAborted => _isAborted;

    /// <summary>How far the scan is, in percent. Only the running scan writes it.</summary>
    internal int Progress
    {
        get => _progress;
        set => _progress = value;
    }

    /// <summary>Runs the action that the first argument of a call names.</summary>
    /// <param name="call">The call. Its second argument is the list of what to look for.</param>
    /// <param name="status">Describes the running scan.</param>
    /// <param name="start">Scans.</param>
    internal JsonNode? Run(RpcCall call, Func<JsonNode?> status, Func<JsonNode?> start)
    {
        string action = call.Text(0);
        switch (action)
        {
            case "status":
                return Volatile.Read(ref _isRunning) == 0 ? null : status();
            case "abort":
                _isAborted = true;
                return Volatile.Read(ref _isRunning) != 0;
            case "start":
                break;
            default:
                throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Invalid action '{action}'");
        }

        if (Interlocked.Exchange(ref _isRunning, 1) != 0)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, "Scan already in progress, use action \"abort\" or \"status\"");
        }

        try
        {
            _isAborted = false;
            return call.IsGiven(1)
                ? start()
                : throw Inputs.Error(RpcErrorCode.Misc, "scanobjects argument is required for the start action");
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }
}
