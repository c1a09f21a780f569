using GameServer.Netcode.Primitives;

namespace GameServer.Operations.Telemetry;

/// <summary>Whether somebody misses what was dropped.</summary>
internal static class DropClass
{
    private const string Loss = "loss";
    private const string Noise = "noise";

    /// <summary>"noise": garbage, strangers, and repeats, which redundancy and the network make normal. "loss": all else, reasons unknown here included.</summary>
    public static string Of(DropReason reason) => reason switch
    {
        // What no client of ours sends: garbage, other programs, forgers.
        DropReason.DatagramEmpty or DropReason.DatagramTooLong or DropReason.SealRejected or DropReason.SealMismatch => Noise,
        DropReason.PropertyUnknown or DropReason.PacketTooShort or DropReason.ConnectionNumberWrong or DropReason.StrangerPacket => Noise,
        DropReason.RequestMalformed or DropReason.ProofWrong or DropReason.AcceptUnexpected or DropReason.DisconnectMismatch => Noise,
        DropReason.PeerNotFoundIgnored or DropReason.ShutdownUnexpected or DropReason.InvalidProtocolIgnored or DropReason.KindNotForPeer => Noise,
        DropReason.MergedMalformed or DropReason.MergedNested or DropReason.ChannelOutOfRange or DropReason.AckMalformed => Noise,
        DropReason.SequenceInvalid or DropReason.ReliableMergedMalformed or DropReason.FragmentMalformed or DropReason.FragmentMismatch => Noise,
        DropReason.SequencedFragmented or DropReason.MtuMalformed or DropReason.MtuUnexpected or DropReason.UnconnectedDisabled => Noise,
        DropReason.ClaimUnknown or DropReason.ChannelClosed or DropReason.LeaveMismatch or DropReason.MessageMalformed or DropReason.PacketKindUnknown => Noise,
        DropReason.JoinMalformed or DropReason.InputMalformed or DropReason.InputAckUnsent or DropReason.SnapshotMalformed => Noise,

        // Repeats and what has been overtaken: somebody has it already.
        DropReason.RequestLost or DropReason.AckOutOfWindow or DropReason.SequenceOld => Noise,
        DropReason.ReliableDuplicate or DropReason.SequencedOld or DropReason.PingOld or DropReason.PongUnexpected => Noise,
        DropReason.StateIgnored or DropReason.SessionUnknown or DropReason.InputDuplicate or DropReason.SnapshotDuplicate => Noise,
        DropReason.SnapshotOld or DropReason.UnreliableReplaced => Noise,
        _ => Loss,
    };
}
