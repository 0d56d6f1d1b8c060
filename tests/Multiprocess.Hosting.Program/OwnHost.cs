namespace Multiprocess.Hosting.Tests;

/// <summary>What a parent tells a child before the child serves.</summary>
[IpcInterface]
public interface IOwnParent
{
    /// <summary>The settings of the child.</summary>
    string Begin();

    /// <summary>The child serves.</summary>
    void Ready(string what);
}

/// <summary>
/// A host that is not the generic one: it uses what the runtime offers to any host, and nothing of
/// Multiprocess.Hosting.
/// </summary>
internal static class OwnHost
{
    public static int Run(string[] args)
    {
        using IpcParentConnection<IPlain>? parent = IpcParent.TryConnect<IPlain, IOwnParent>(
            args, out IOwnParent? parentRoot);
        if (parent is null)
        {
            return 2;
        }

        using var stop = new ManualResetEventSlim();
        bool isTerminated = false;
        using CancellationTokenRegistration terminated = parent.Terminated.UnsafeRegister(
            _ =>
            {
                isTerminated = true;
                stop.Set();
            },
            null);
        _ = parent.Connection.Completion.ContinueWith(_ => stop.Set(), TaskScheduler.Default);
        string settings;
        try
        {
            settings = parentRoot?.Begin() ?? "none";
        }
        catch (IpcException)
        {
            return 1;
        }

        if (args.Contains("broken"))
        {
            try
            {
                parent.Serve(_ => throw new InvalidOperationException("There is no root."));
            }
            catch (InvalidOperationException)
            {
                return 7;
            }
        }

        parent.Serve(_ => new Plain());
        try
        {
            parent.Serve(_ => new Plain());
        }
        catch (InvalidOperationException exception)
        {
            settings += $", {exception.Message}";
        }

        parentRoot?.Ready(settings);
        stop.Wait();
        return isTerminated ? IpcParent.TerminatedExitCode
            : parent.Connection.Completion.Exception?.InnerException is { } failure and not IpcDisconnectedException ? 1
            : 0;
    }
}
