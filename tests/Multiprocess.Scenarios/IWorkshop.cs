using Multiprocess.CapnProto;
using Multiprocess.Scenarios.Descriptors;
using Multiprocess.Scenarios.Hosts;
using Multiprocess.Scenarios.Shapes;
using Multiprocess.Scenarios.Streaming;
using Multiprocess.Scenarios.Types;

[assembly: CapnpContracts(LeaveOut = true)]

namespace Multiprocess.Scenarios;

/// <summary>Makes what a scenario plays with, new for each, so that none sees what another one left.</summary>
[IpcInterface]
public interface IWorkshop
{
    IMethods Methods();

    IMembers Members();

    IReferences References();

    ISurroundings Surroundings();

    IValues Values();

    ICollections Collections();

    IDeclared Declared();

    IFormatted Formatted();

    ISequences Sequences();

    IFlows Flows();

    IInit Init();

    IDescriptors Descriptors();
}

public sealed class Workshop : IWorkshop
{
    public IMethods Methods() => new Methods();

    public IMembers Members() => new Members();

    public IReferences References() => new References();

    public ISurroundings Surroundings() => new Surroundings();

    public IValues Values() => new Values();

    public ICollections Collections() => new Collections();

    public IDeclared Declared() => new Declared();

    public IFormatted Formatted() => new Formatted();

    public ISequences Sequences() => new Sequences();

    public IFlows Flows() => new Flows();

    public IInit Init() => new Init();

    public IDescriptors Descriptors() => new Descriptors.Descriptors();
}
