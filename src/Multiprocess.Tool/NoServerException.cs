namespace Multiprocess.Tool;

/// <summary>Nobody is there, or who is there does not answer. Nothing was called.</summary>
internal sealed class NoServerException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>Does what connects or asks first; its failures say that the server is not there to be asked.</summary>
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
