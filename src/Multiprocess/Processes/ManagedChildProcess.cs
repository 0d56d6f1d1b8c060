using System.Diagnostics;
using System.Globalization;
using Multiprocess.Locks;
using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>
/// A child process started by the base library, which reports 128 plus the signal's number when a signal ended the
/// process.
/// </summary>
internal sealed class ManagedChildProcess : ChildProcess
{
    private const int WaiterStackBytes = 256 * 1024;

    private readonly Process _process;

    /// <summary>Takes ownership of a process that was just started.</summary>
    /// <exception cref="OutOfMemoryException">The system provides no thread.</exception>
    public ManagedChildProcess(Process process, string program, ChildOutput? output, ChildOutput? errors)
        : base(process.Id, program, output, errors)
    {
        _process = process;
        Exited = BackgroundThread.Run(
            AwaitEnd, string.Create(CultureInfo.InvariantCulture, $"child {Id}"), WaiterStackBytes);
    }

    public override Task<ChildExit> Exited { get; }

    public override bool Kill(int signal = NativeProcess.KillSignal)
    {
        try
        {
            _process.Kill();
            return true;
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    public override bool Wait(TimeSpan limit) => Uninterruptible.Wait(Exited, limit);

    private ChildExit AwaitEnd()
    {
        _process.WaitForExit();
        return new ChildExit(_process.ExitCode, 0);
    }
}
