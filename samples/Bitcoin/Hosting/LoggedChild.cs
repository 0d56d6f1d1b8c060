using System.Runtime.InteropServices;

namespace Bitcoin.Hosting;

/// <summary>
/// A child process whose start and end are logged. Its end is logged exactly once, before <see cref="Dispose"/>
/// returns, however the child ended. Thread-safe.
/// </summary>
/// <remarks>When this process reopens its log, it signals the child to do the same.</remarks>
public sealed class LoggedChild : IChildProcess
{
    private const int Hangup = 1;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly IChildProcess _child;
    private readonly string _program;
    private readonly DebugLog _log;
    private readonly Lock _gate = new();

    // Guarded by the gate.
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

    /// <summary>Starts a program from the directory of this one.</summary>
    /// <param name="ipc">Starts it.</param>
    /// <param name="program">Its name.</param>
    /// <param name="log">The log for its start and its end.</param>
    /// <param name="ended">
    /// Called on a thread of its own after the child's end was logged, also if <see cref="Dispose"/> ended it.
    /// </param>
    /// <param name="confinement">What it is confined to; null for nothing.</param>
    /// <exception cref="HostException">It cannot be started, or ended at once.</exception>
    public static LoggedChild Start(
        IIpc ipc,
        string program,
        DebugLog log,
        Action<LoggedChild, int>? ended = null,
        Confinement? confinement = null)
    {
        ArgumentNullException.ThrowIfNull(ipc);
        LoggedChild child = new(ipc.Spawn(program, confinement), program, log);
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
            // The watching thread may be too late: this program may end next.
            LogEnd(_child.Exited.Result);
        }
    }

    private void ReopenLog()
    {
        // The child handles the signal from its first line on.
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

        // Written inside the gate: a thread that sees the flag knows that the line is written.
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
