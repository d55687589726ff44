// SPDX-License-Identifier: Apache-2.0
// One bill, exactly once. java Client GATE MAILBOX SERVER.key PARTY.key_secret OUTBOX BILL; README.md beside this.
//
// What matters: the envelope is on disk before it is sent, the same bytes go out until a receipt comes, an outcome is on disk before it
// is confirmed. So the program may be killed anywhere and run again.
import hutong.v1.Bill;
import hutong.v1.BillItem;
import hutong.v1.Confirm;
import hutong.v1.Envelope;
import hutong.v1.Fetch;
import hutong.v1.GateReply;
import hutong.v1.GateRequest;
import hutong.v1.MailboxPage;
import hutong.v1.Outcome;
import hutong.v1.Receipt;
import hutong.v1.ReceiptKind;
import hutong.v1.Refusal;
import hutong.v1.Submit;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

public final class Client {
    private static final ZContext CONTEXT = new ZContext();

    private Client() {
    }

    private static void fail(String what) {
        System.err.println(what);
        System.exit(1);
    }

    /** On disk, whole or not at all. */
    private static void keep(Path file, byte[] data) throws Exception {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            out.write(ByteBuffer.wrap(data));
            out.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** What stands in quotes behind a name. */
    private static Map<String, String> keyFile(String file) throws Exception {
        Map<String, String> found = new HashMap<>();
        Matcher line = Pattern.compile("^\\s*([\\w-]+) = \"(.*)\"$", Pattern.MULTILINE).matcher(Files.readString(Path.of(file)));
        while (line.find()) {
            found.put(line.group(1), line.group(2));
        }
        return found;
    }

    private static final class Connection {
        private final ZMQ.Socket socket = CONTEXT.createSocket(SocketType.DEALER);
        private long number; // of the last request; 0 itself is never used

        Connection(String endpoint, Map<String, String> server, Map<String, String> own) {
            socket.setLinger(0);
            socket.setHeartbeatIvl(2000);
            socket.setCurveServerKey(server.get("public-key").getBytes(StandardCharsets.US_ASCII));
            socket.setCurvePublicKey(own.get("public-key").getBytes(StandardCharsets.US_ASCII));
            socket.setCurveSecretKey(own.get("secret-key").getBytes(StandardCharsets.US_ASCII));
            socket.connect(endpoint);
        }

        /** The answer to a request; silence is no answer, so the same bytes go out again. */
        GateReply ask(GateRequest.Builder body, int quietMs) throws Exception {
            long request = ++number;
            byte[] frame = body.setVersion(1).setRequest(request).build().toByteArray();
            for (;;) {
                socket.send(frame);
                for (long until = System.currentTimeMillis() + quietMs; System.currentTimeMillis() < until;) {
                    socket.setReceiveTimeOut((int) Math.max(1, until - System.currentTimeMillis()));
                    byte[] bytes = socket.recv();
                    if (bytes == null) {
                        break;
                    }
                    GateReply reply = GateReply.parseFrom(bytes);
                    Refusal refusal = reply.getRefusal();
                    if (reply.getRequest() == 0) { // the request could not be read: it never will be
                        fail("refused: " + refusal.getCode() + " " + refusal.getPath());
                    }
                    if (reply.getRequest() != request) {
                        continue; // late, of an earlier sending
                    }
                    if (!reply.hasRefusal()) {
                        return reply;
                    }
                    if (!refusal.getRetryHelps()) {
                        fail("refused: " + refusal.getCode() + " " + refusal.getEn());
                    }
                    Thread.sleep(100); // not ready: again
                    break;
                }
            }
        }
    }

    private static byte[] newBill(String party, String billId) {
        BillItem item = BillItem.newBuilder().setCode("XN01AB00000000000000005").setLevel("01").setUnitPriceMicro(20000000000L)
                .setQuantityE4(10000).setAmountFen(2000000).build();
        Bill bill = Bill.newBuilder().setBillId(billId).setInstitution("H12010199001").setInsuredArea("110000").setInsuranceType("310")
                .setCareKind("21").setAdmissionDate(20250301).setDischargeDate(20250310).setDiagnosis("J18.900").setCredential("01")
                .setTotalFen(2000000).addItems(item).build();
        return Envelope.newBuilder().setVersion(1).setSender(party).setMessageId(UUID.randomUUID().toString())
                .setSentAtMs(System.currentTimeMillis()).setPersonId("110101198001011013").setBillSettle(bill).build().toByteArray();
    }

    /** Its position, once there is a receipt. */
    private static long send(Connection gate, byte[] envelope) throws Exception {
        for (;;) {
            Submit submit = Submit.newBuilder().addEnvelopes(ByteString.copyFrom(envelope)).build();
            Receipt receipt = Receipt.parseFrom(gate.ask(GateRequest.newBuilder().setSubmit(submit), 1000).getReceipts().getReceipts(0));
            Refusal refusal = receipt.getRefusal();
            if (receipt.getKind() == ReceiptKind.RECEIPT_KIND_ACCEPTED) {
                return receipt.getPosition();
            }
            if (receipt.getKind() != ReceiptKind.RECEIPT_KIND_BUSY) {
                fail("not accepted: " + refusal.getCode() + " " + refusal.getPath() + " " + refusal.getEn());
            }
            Thread.sleep(receipt.getRetryAfterMs());
        }
    }

    /** Fetches what is new, keeps it, and only then says so. */
    private static void readMailbox(Connection mailbox, Path outbox) throws Exception {
        Path place = outbox.resolve("next");
        long next = Files.exists(place) ? Long.parseLong(Files.readString(place)) : 0;
        Fetch fetch = Fetch.newBuilder().setFrom(next).setCountMax(100).setWaitMs(2000).build();
        MailboxPage page = mailbox.ask(GateRequest.newBuilder().setFetch(fetch), 4000).getMailboxPage();
        next = page.getFirst();
        for (ByteString outcome : page.getOutcomesList()) {
            keep(outbox.resolve(Outcome.parseFrom(outcome).getMessageId() + ".outcome"), outcome.toByteArray());
            keep(place, Long.toString(++next).getBytes(StandardCharsets.US_ASCII));
        }
        if (page.getOutcomesCount() > 0) {
            mailbox.ask(GateRequest.newBuilder().setConfirm(Confirm.newBuilder().setThrough(next)), 1000);
        }
    }

    public static void main(String[] words) throws Exception {
        Map<String, String> server = keyFile(words[2]);
        Map<String, String> own = keyFile(words[3]);
        Path outbox = Files.createDirectories(Path.of(words[4]));
        Path file = outbox.resolve(words[5] + ".envelope");
        if (!Files.exists(file)) {
            keep(file, newBill(own.get("party"), words[5]));
        }
        byte[] envelope = Files.readAllBytes(file);
        long position = send(new Connection(words[0], server, own), envelope);
        Path answer = outbox.resolve(Envelope.parseFrom(envelope).getMessageId() + ".outcome");
        Connection mailbox = new Connection(words[1], server, own);
        while (!Files.exists(answer)) {
            readMailbox(mailbox, outbox);
        }
        Outcome outcome = Outcome.parseFrom(Files.readAllBytes(answer));
        System.out.println(outcome.getKind().name().replace("OUTCOME_KIND_", "") + " " + position + " funds "
                + outcome.getAmounts().getFundPayTotalFen() + " person " + outcome.getAmounts().getPersonPayTotalFen());
        System.exit(0);
    }
}
