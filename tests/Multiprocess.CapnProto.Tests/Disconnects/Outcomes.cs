namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>Calls on threads of their own.</summary>
internal static class Outcomes
{
    /// <summary>Runs a call, and gives what it throws; null if it returns.</summary>
    public static Task<Exception?> Of(Action call)
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                call();
                outcome.SetResult(null);
            }
            catch (Exception exception)
            {
                outcome.SetResult(exception);
            }
        }) { IsBackground = true }.Start();
        return outcome.Task;
    }
}
