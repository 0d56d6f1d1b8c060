using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>Calls on a peer, as a proxy would make them.</summary>
internal static class PeerCalls
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Makes a call on the peer.</summary>
    public static CapnpAnswer Call(
        this CapnpReference peer, ushort method, CapnpStructSize size =
            default, Action<CapnpRequest, CapnpStructBuilder>? fill = null)
    {
        using CapnpRequest request = peer.Call(PeerSchema.Peer, method);
        CapnpStructBuilder parameters = request.Parameters.InitStruct(size);
        fill?.Invoke(request, parameters);
        return request.Send();
    }

    /// <summary>Makes a call that gets a capability.</summary>
    public static CapnpAnswer Call(this CapnpReference peer, ushort method, CapnpReference? capability)
        => peer.Call(
            method, PeerSchema.Pointer, (request, parameters) => request.Write(parameters.Pointer(0), capability));

    public static CapnpAnswer Add(this CapnpReference peer, int a, int b)
        => peer.Call(0, PeerSchema.Number, (_, parameters) =>
        {
            parameters.WriteInt32(0, a);
            parameters.WriteInt32(1, b);
        });

    public static CapnpAnswer Next(this CapnpReference counter)
    {
        using CapnpRequest request = counter.Call(PeerSchema.Counter, 0);
        request.Parameters.InitStruct(default);
        return request.Send();
    }

    /// <summary>Waits for an answer that has no results, and gives it up.</summary>
    public static async Task WaitAsync(this CapnpAnswer answer)
    {
        using (answer)
        {
            await answer.Completion.WaitAsync(Bound);
        }
    }

    /// <summary>Waits for an answer whose result is a number, and gives it up.</summary>
    public static async Task<int> NumberAsync(this CapnpAnswer answer)
    {
        using (answer)
        {
            await answer.Completion.WaitAsync(Bound);
            return answer.Results.ReadStruct().ReadInt32(0);
        }
    }

    /// <summary>Waits for the capability that is the only result.</summary>
    public static async Task<CapnpReference> CapabilityAsync(this CapnpAnswer answer)
    {
        using (answer)
        {
            await answer.Completion.WaitAsync(Bound);
            return answer.Capability(answer.Results.ReadStruct().Pointer(0))!;
        }
    }

    /// <summary>Asks again and again, until the answer is this one.</summary>
    public static async Task UntilAsync(Func<Task<int>> ask, int expected)
    {
        using var bound = new CancellationTokenSource(Bound);
        int got;
        while ((got = await ask()) != expected)
        {
            if (bound.IsCancellationRequested)
            {
                throw new TimeoutException($"Answer: Expected {expected} in time, got {got}.");
            }

            await Task.Yield();
        }
    }
}
