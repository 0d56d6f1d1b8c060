using Multiprocess.CapnProto.Contracts;
using Multiprocess.CapnProto.Generated;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto;

/// <summary>Objects of contracts as references of Cap'n Proto, and references as objects.</summary>
/// <remarks>
/// A contract is an interface or a delegate type marked <see cref="CapnpInterfaceAttribute"/>. All members may be
/// called by any thread.
/// </remarks>
public static class CapnpContract
{
    /// <summary>The object through which peers call an object of this process: always the same one.</summary>
    /// <exception cref="NotSupportedException">The type is not a contract.</exception>
    public static ICapnpObject Serve<T>(T target) where T : class
    {
        ArgumentNullException.ThrowIfNull(target);
        return CapnpBinding<T>.Instance.StubOf(target);
    }

    /// <summary>The root of a connection's peer as an object of a contract. Returns at once.</summary>
    /// <remarks>
    /// If the contract has libmultiprocess's <c>construct</c>, this method calls it, so call this method once for each
    /// connection.
    /// </remarks>
    /// <exception cref="NotSupportedException">The type is not a contract.</exception>
    public static T GetRoot<T>(this CapnpConnection connection) where T : class
    {
        ArgumentNullException.ThrowIfNull(connection);
        CapnpBinding<T> contract = CapnpBinding<T>.Instance;
        return contract.RootOf(connection.Bootstrap(), connection.State.Session);
    }

    /// <summary>
    /// A reference that arrived without a contract, as an object of a contract. The object owns the reference.
    /// </summary>
    /// <exception cref="NotSupportedException">The type is not a contract.</exception>
    public static T As<T>(this CapnpReference reference) where T : class
    {
        ArgumentNullException.ThrowIfNull(reference);
        return reference.Target is IStub { TargetObject: T target }
            ? target
            : CapnpBinding<T>.Instance.ProxyOf(reference, session: null);
    }
}
