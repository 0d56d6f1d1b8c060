namespace Multiprocess.Tool;

/// <summary>No server listens there, or it does not answer. Nothing was called.</summary>
internal sealed class NoServerException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>
    /// Runs the code that connects or asks first. If it fails, there is no server that can be asked.
    /// </summary>
    public static T Unless<T>(IpcAddress address, Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (IpcException exception)
        {
            string hint = exception.Kind == IpcErrorKind.Refused
                && exception.Message.Contains("IIntrospection", StringComparison.Ordinal)
                ? " It does not answer questions about itself: see IpcServerOptions.Introspection."
                : "";
            throw new NoServerException($"{address}: {exception.Message}{hint}", exception);
        }
    }
}
