using Multiprocess.CapnProto;

namespace Bitcoin.Core;

/// <summary>Returns its argument: shows that a node runs and answers.</summary>
[CapnpInterface(0xd36b89640dc94399, Context = true, Destroy = 0)]
public interface IEcho : IDisposable
{
    /// <summary>Returns the text.</summary>
    [CapnpMethod(1)]
    string Echo(string echo);
}
