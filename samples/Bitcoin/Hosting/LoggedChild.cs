using System.Runtime.InteropServices;

namespace Bitcoin.Hosting;

/// <summary>
/// A child process whose start and end are in the log. Its end is there, once, before <see cref="Dispose"/> returns,
/// however it ended. Any thread may call.
/// </summary>
/// <remarks>Where this process opens its log anew, the child is asked to do so too.</remarks>
public sealed class LoggedChild : IChildProcess
{
    private const int Hangup = 1;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly IChildProcess _child;
    private readonly string _program;
    private readonly DebugLog _log;
    private readonly Lock _gate = new();

    // Under the gate.
    private bool _isEndLogged;

    private LoggedChild(IChildProcess child, string program, DebugLog log)
    {
        _child = child;
        _program = program;
        _log = log;
    }

    /// <inheritdoc/>
    public Bitcoin.Interfaces.IInit Init => _child.Init;

    /// <inheritdoc/>
    public CancellationToken Closed => _child.Closed;

    /// <inheritdoc/>
    public int Id => _child.Id;

    /// <inheritdoc/>
    public Task<int> Exited => _child.Exited;

    /// <summary>Starts the program that lies beside this one.</summary>
    /// <param name="ipc">Who can start it.</param>
    /// <param name="program">Its name.</param>
    /// <param name="log">Where its start and its end are written.</param>
    /// <param name="ended">
    /// Told, on a thread of its own, of an end that is in the log: also of one that <see cref="Dispose"/> brought
    /// about.
    /// </param>
    /// <exception cref="HostException">It cannot be started, or ended at once.</exception>
    public static LoggedChild Start(IIpc ipc, string program, DebugLog log, Action<LoggedChild, int>? ended = null)
    {
        ArgumentNullException.ThrowIfNull(ipc);
        LoggedChild child = new(ipc.Spawn(program), program, log);
        log.Write($"Started {program} as process {child.Id}");
        log.Reopened += child.ReopenLog;
        _ = child.Exited.ContinueWith(
            exited =>
            {
                child.LogEnd(exited.Result);
                ended?.Invoke(child, exited.Result);
            },
            CancellationToken.None,
            TaskContinuationOptions.LongRunning,
            TaskScheduler.Default);
        return child;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _child.Dispose();
        if (_child.Exited.Wait(s_patience))
        {
            // Whoever watches it may come too late: this program may end next.
            LogEnd(_child.Exited.Result);
        }
    }

    private void ReopenLog()
    {
        // It handles the signal from its first line on.
        if (!OperatingSystem.IsWindows() && !_child.Exited.IsCompleted)
        {
            _ = Signal(Id, Hangup);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);

    private void LogEnd(int code)
    {
        _log.Reopened -= ReopenLog;

        // Written under the gate, so that who finds it written knows that it is.
        lock (_gate)
        {
            if (!_isEndLogged)
            {
                _log.Write($"{_program}, process {Id}, ended with code {code}");
                _isEndLogged = true;
            }
        }
    }
}
