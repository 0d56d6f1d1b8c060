namespace Multiprocess.Stress;

/// <summary>A child that serves asynchronously, with a root that is made from services, and that ends itself.</summary>
public static class AsyncChild
{
    /// <summary>Among the arguments of such a child.</summary>
    public const string Argument = "--async";

    /// <summary>What makes it stop when it is thrown.</summary>
    public const string Stop = "stop";

    internal static async Task<int?> TryServeAsync(string[] args)
    {
        if (!args.Contains(Argument))
        {
            return null;
        }

        using var services = new Services();
        return await IpcParent.TryServeAsync<IStress>(
            args,
            services,
            (from, connection) => new StressTarget(
                connection,
                stop: (from.GetService(typeof(CancellationTokenSource)) as CancellationTokenSource)!.Cancel),
            cancellationToken: services.Stop.Token);
    }

    private sealed class Services : IServiceProvider, IDisposable
    {
        public CancellationTokenSource Stop { get; } = new();

        public object? GetService(Type serviceType) => serviceType == typeof(CancellationTokenSource) ? Stop : null;

        public void Dispose() => Stop.Dispose();
    }
}
